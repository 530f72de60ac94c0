"""What people do in forms and homes: fill in, press, search, submit, close; the client checks first."""

from typing import Any

from bot.sandbox.slack import payloads, screen
from bot.sandbox.slack.blocks import suggestions, view_parts
from bot.sandbox.slack.gesture import Gesture
from bot.sandbox.slack.people import People
from bot.sandbox.slack.records import View
from bot.sandbox.slack.refusals import Json, NotThere, Refused
from bot.sandbox.slack.view_state import VALUES, as_value, client_errors


class FormPeople(People):
    """Gestures in views; `view_id` may be a modal's or a home's."""

    async def press_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        value: str | None = None,
        option: Any = None,
        block_id: str | None = None,
    ) -> Gesture:
        """A button, a menu, or a field that sends at once (dispatch_action: `value` is then what was typed)."""
        view = screen.view_of(self.workspace, user, view_id)
        block, element = screen.find(view.blocks, action_id, block_id)
        picked = screen.chosen(element, value, option, view)
        gesture = self._begin(user)
        if element["type"] in VALUES:
            view.entered[block["block_id"], action_id] = picked[VALUES[element["type"]][0]]
        if block["type"] == "input" and not block.get("dispatch_action"):
            return gesture
        entry = payloads.action(self.workspace, block, element, picked)
        gesture.payload = payloads.view_press(self.workspace, user, view, [entry])
        gesture.payload["trigger_id"] = self.workspace.rights.new_trigger(user, gesture, view)
        return await self.delivery.send("interactive", gesture)

    async def submit(self, user: str, view_id: str, values: dict[str, Any] | None = None) -> Gesture:
        """The submit button; `values`: block id → text, option value or list. Unnamed inputs keep what they show.

        A field that the client itself refuses is in `field_errors`, and nothing is sent.
        """
        view = screen.view_of(self.workspace, user, view_id)
        if view.content["type"] != "modal" or "submit" not in view.content:
            raise NotThere(f"view {view.title!r} has no submit button")
        gesture = self._begin(user)
        for block_id, given in (values or {}).items():
            self.enter(view, block_id, given)
        if errors := client_errors(view):
            gesture.error, gesture.field_errors = "refused_by_client", errors
            return gesture
        gesture.payload = payloads.submission(self.workspace, user, view)
        gesture.payload["trigger_id"] = self.workspace.rights.new_trigger(user, gesture, view)
        await self.delivery.send("interactive", gesture)
        self._apply(gesture, user, view)
        return gesture

    def choose_file(self, user: str, name: str, content: bytes, kind: str) -> Json:
        """A file from the person's own disk, to be given as the value of a file field (in a list)."""
        return self._file(user, "", (name, content, kind))

    def enter(self, view: View, block_id: str, given: Any) -> None:
        """One field filled in, without sending anything."""
        block = next((b for b in view.blocks if b["block_id"] == block_id), None)
        if block is None or block["type"] != "input":
            raise NotThere(f"no field {block_id!r} among {[b['block_id'] for b in view.blocks]}")
        element = block["element"]
        view.entered[block_id, element["action_id"]] = as_value(element, given, view.suggested)

    def _apply(self, gesture: Gesture, user: str, view: View) -> None:
        """What the app's answer does to the view; a wrong one shows 'trouble connecting' and the view stays."""
        if not gesture.acked:
            gesture.error = "trouble_connecting"
            return
        try:
            self._answered(gesture, user, view, gesture.ack or {})
        except Refused as refused:
            gesture.error, gesture.problems = "trouble_connecting", refused.messages or [refused.error]

    def _answered(self, gesture: Gesture, user: str, view: View, answer: Json) -> None:
        action = answer.get("response_action")
        if action is None:
            self._close_top(user, view)
            gesture.closed = True
        elif action == "errors":
            gesture.field_errors = _field_errors(view, answer.get("errors"))
        elif action == "clear":
            self.workspace.close_views(user, whole=True)
            gesture.closed = True
        elif action == "update":
            self.workspace.update_view(view, view_parts(answer.get("view")), gesture)
        elif action == "push":
            self.workspace.push_view(user, view_parts(answer.get("view")), gesture)
        else:
            raise Refused("invalid_arguments", [f"[ERROR] unknown response_action: {action}"])

    def _close_top(self, user: str, view: View) -> None:
        if view in self.workspace.stack(user):
            self.workspace.close_views(user)

    async def close_view(self, user: str, view_id: str, *, whole: bool = False) -> Gesture:
        """Cancel closes the topmost view, the ✕ (`whole`) all; the app hears of it with notify_on_close."""
        view = screen.view_of(self.workspace, user, view_id)
        gesture = self._begin(user)
        cleared = whole or bool(view.content.get("clear_on_close"))
        self.workspace.close_views(user, whole=cleared)
        gesture.closed = True
        if view.content.get("notify_on_close"):
            gesture.payload = payloads.view_closed(self.workspace, user, view, cleared=cleared)
            await self.delivery.send("interactive", gesture)
        return gesture

    async def open_home(self, user: str) -> View | None:
        """The app's home tab; what it shows once the app has answered, None where it published nothing."""
        self._begin(user)
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": self.workspace.direct(user).id,
            "tab": "home",
        }
        if user in self.workspace.homes:
            event["view"] = self.workspace.describe_view(self.workspace.homes[user])
        await self.emit(event)
        return self.workspace.homes.get(user)

    async def suggest(
        self,
        user: str,
        action_id: str,
        query: str,
        *,
        view_id: str | None = None,
        channel: str | None = None,
        ts: str | None = None,
        block_id: str | None = None,
    ) -> Gesture:
        """Typing into an external select; `options` is what the app offers. Give view_id, or channel and ts."""
        view = screen.view_of(self.workspace, user, view_id) if view_id else None
        place, blocks = self._place(user, view, channel, ts, action_id)
        block, element = screen.find(blocks, action_id, block_id=block_id)
        gesture = self._begin(user)
        if len(query) < element.get("min_query_length", 3):
            return gesture
        gesture.payload = payloads.suggestion(self.workspace, user, block, element, query, place)
        await self.delivery.send("interactive", gesture)
        self._offer(gesture, view)
        return gesture

    def _place(
        self, user: str, view: View | None, channel: str | None, ts: str | None, action_id: str
    ) -> tuple[Json, list[Json]]:
        if view is not None:
            container = {"type": "view", "view_id": view.id}
            return {"container": container, "view": self.workspace.describe_view(view)}, view.blocks
        message = screen.message_of(self.workspace, user, channel or "", ts or "")
        block, _ = screen.find(message.all_blocks, action_id)
        place = self.workspace.channels[message.channel]
        container = payloads.message_container(message, screen.attachment_of(message, block))
        named = {"container": container, "channel": {"id": place.id, "name": place.shown_name}}
        return named | {"message": self.workspace.describe(message)}, message.all_blocks

    def _offer(self, gesture: Gesture, view: View | None) -> None:
        if not isinstance(gesture.ack, dict):
            return
        try:
            gesture.options = suggestions(gesture.ack)
        except Refused as refused:
            gesture.error, gesture.problems = refused.error, refused.messages
        if view is not None:
            view.suggested |= {option["value"]: option for option in gesture.options}


def _field_errors(view: View, errors: Any) -> dict[str, str]:
    """The app's errors, each under an input block that exists."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise Refused("invalid_arguments", ["[ERROR] errors must be a filled object"])
    unknown = [name for name in errors if name not in inputs]
    if unknown or not all(isinstance(text, str) and text for text in errors.values()):
        raise Refused("invalid_arguments", [f"[ERROR] no input block: {', '.join(unknown)}"])
    return dict(errors)
