"""Full text over tickets, kept up by triggers in the transaction of each change, and the indexes of every list.

One document for each ticket: reference, subject, client, description and all messages. On SQLite it is an FTS5 table;
on PostgreSQL a tsvector without positions under GIN, which also holds two lexemes that say among which 4,096 and which
65,536 tickets it stands, so that the newest can be asked for alone. Of each text the first 100,000 characters count.
"""

from peewee import Database, SqliteDatabase
from playhouse.migrate import SchemaMigrator

# Of two indexes that serve alike SQLite takes the younger: those of open tickets come last. Deleted ones are in none,
# so that no ticket has to be read to count a list.
INDEXES = """
DROP INDEX ticket_third_party;
DROP INDEX ticket_requester_address;
DROP INDEX ticket_open_assignee;
DROP INDEX ticket_open_group;
DROP INDEX ticket_open_due;
CREATE INDEX ticket_created ON ticket (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX ticket_updated ON ticket (last_activity_at, id) WHERE deleted_at IS NULL;
CREATE INDEX ticket_by_type ON ticket (type_id, id) WHERE deleted_at IS NULL;
CREATE INDEX ticket_by_group ON ticket (group_id, id) WHERE deleted_at IS NULL;
CREATE INDEX ticket_by_severity ON ticket (severity_id, id) WHERE deleted_at IS NULL;
CREATE INDEX ticket_by_assignee ON ticket (assignee_id, id) WHERE deleted_at IS NULL;
CREATE INDEX ticket_by_origin ON ticket (origin, id) WHERE deleted_at IS NULL;
CREATE INDEX ticket_third_party ON ticket (third_party_id, id) WHERE deleted_at IS NULL;
CREATE INDEX ticket_requester_address ON ticket (requester_address, id) WHERE deleted_at IS NULL;
CREATE INDEX ticket_ended ON ticket (id) WHERE status >= 8 AND deleted_at IS NULL;
CREATE INDEX ticket_open ON ticket (id) WHERE status < 8 AND deleted_at IS NULL;
CREATE INDEX ticket_open_created ON ticket (created_at, id) WHERE status < 8 AND deleted_at IS NULL;
CREATE INDEX ticket_open_updated ON ticket (last_activity_at, id) WHERE status < 8 AND deleted_at IS NULL;
CREATE INDEX ticket_open_due ON ticket (due_at, id) WHERE status < 8 AND due_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX ticket_open_assignee ON ticket (assignee_id, id) WHERE status < 8 AND deleted_at IS NULL;
CREATE INDEX ticket_open_group ON ticket (group_id, id) WHERE status < 8 AND deleted_at IS NULL;
CREATE INDEX ticket_open_severity ON ticket (severity_id, id) WHERE status < 8 AND deleted_at IS NULL;
CREATE INDEX ticket_open_third_party ON ticket (third_party_id, id) WHERE status < 8 AND deleted_at IS NULL;
CREATE INDEX ticket_waiting ON ticket (id) WHERE status IN (5, 7) AND deleted_at IS NULL;
CREATE INDEX third_party_lower_code ON third_party (lower(code));
CREATE INDEX third_party_lower_name ON third_party (lower(name));
"""

SQLITE = """
CREATE VIEW search_document AS SELECT ticket.id AS ticket_id,
    ticket.reference || ' ' || ticket.subject || ' ' || ticket.requester_name || ' ' || ticket.requester_address
    || ' ' || COALESCE((SELECT name || ' ' || code FROM third_party WHERE id = ticket.third_party_id), '')
    || ' ' || substr(ticket.description, 1, 100000)
    || COALESCE((SELECT group_concat(' ' || substr(message.text, 1, 100000), '') FROM message
                 WHERE message.ticket_id = ticket.id AND message.text <> ticket.description), '') AS document
    FROM ticket;;
CREATE VIRTUAL TABLE search_text USING fts5 (document, tokenize = "unicode61 remove_diacritics 2");;
INSERT INTO search_text (rowid, document) SELECT ticket_id, document FROM search_document;;
CREATE TRIGGER search_ticket_new AFTER INSERT ON ticket BEGIN
    INSERT INTO search_text (rowid, document) SELECT ticket_id, document FROM search_document WHERE ticket_id = NEW.id;
END;;
CREATE TRIGGER search_ticket_changed AFTER UPDATE OF
    reference, subject, description, requester_name, requester_address, third_party_id ON ticket BEGIN
    UPDATE search_text SET document = (SELECT document FROM search_document WHERE ticket_id = NEW.id)
    WHERE rowid = NEW.id;
END;;
CREATE TRIGGER search_ticket_gone AFTER DELETE ON ticket BEGIN
    DELETE FROM search_text WHERE rowid = OLD.id;
END;;
CREATE TRIGGER search_message_new AFTER INSERT ON message
    WHEN NEW.text <> '' AND NEW.text <> (SELECT description FROM ticket WHERE id = NEW.ticket_id) BEGIN
    UPDATE search_text SET document = document || ' ' || substr(NEW.text, 1, 100000)
    WHERE rowid = NEW.ticket_id AND length(document) < 1000000;
END;;
CREATE TRIGGER search_message_changed AFTER UPDATE OF ticket_id, text ON message BEGIN
    UPDATE search_text SET document = (SELECT document FROM search_document WHERE ticket_id = search_text.rowid)
    WHERE rowid IN (OLD.ticket_id, NEW.ticket_id);
END;;
CREATE TRIGGER search_message_gone AFTER DELETE ON message BEGIN
    UPDATE search_text SET document = (SELECT document FROM search_document WHERE ticket_id = search_text.rowid)
    WHERE rowid = OLD.ticket_id;
END;;
CREATE TRIGGER search_client_changed AFTER UPDATE OF name, code ON third_party BEGIN
    UPDATE search_text SET document = (SELECT document FROM search_document WHERE ticket_id = search_text.rowid)
    WHERE rowid IN (SELECT id FROM ticket WHERE third_party_id = NEW.id AND deleted_at IS NULL);
END
"""

POSTGRESQL = """
CREATE FUNCTION search_lexemes(said TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(SELECT DISTINCT left(word, 60) FROM unnest(string_to_array(regexp_replace(
        lower(regexp_replace(normalize(said, NFKD), '[\\u0300-\\u036f]+', '', 'g') COLLATE "und-x-icu"),
        '[^[:alnum:]]+', ' ', 'g'), ' ')) AS word WHERE word <> '')
$$;;
CREATE FUNCTION search_query(said TEXT) RETURNS TSQUERY LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_string(search_lexemes(said), ' & ')::tsquery
$$;;
CREATE TABLE search_words (
    ticket_id BIGINT PRIMARY KEY REFERENCES ticket (id) ON DELETE CASCADE, words TSVECTOR NOT NULL);;
CREATE FUNCTION search_document(which BIGINT) RETURNS TEXT LANGUAGE sql STABLE AS $$
    SELECT concat_ws(' ', reference, subject, requester_name, requester_address, third_party.name, third_party.code,
        left(description, 100000), (
            SELECT string_agg(left(message.text, 100000), ' ') FROM message
            WHERE message.ticket_id = ticket.id AND message.text <> ticket.description))
    FROM ticket LEFT JOIN third_party ON third_party.id = ticket.third_party_id WHERE ticket.id = which
$$;;
CREATE FUNCTION search_put(which BIGINT, document TEXT) RETURNS VOID LANGUAGE sql AS $$
    INSERT INTO search_words (ticket_id, words) VALUES (which, array_to_tsvector(
        search_lexemes(document) || ARRAY['#a' || which / 4096, '#b' || which / 65536]))
    ON CONFLICT (ticket_id) DO UPDATE SET words = EXCLUDED.words
$$;;
CREATE FUNCTION search_fill(which BIGINT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_put(which, search_document(which));
EXCEPTION WHEN program_limit_exceeded THEN
    PERFORM search_put(which, left(search_document(which), 100000));
END $$;;
CREATE FUNCTION search_ticket_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_fill(NEW.id);
    RETURN NULL;
END $$;;
CREATE FUNCTION search_message_new() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE search_words SET words = words || array_to_tsvector(search_lexemes(left(NEW.text, 100000)))
    WHERE ticket_id = NEW.ticket_id;
    RETURN NULL;
EXCEPTION WHEN program_limit_exceeded THEN
    RAISE LOG USING MESSAGE = 'ticket ' || NEW.ticket_id || ' has more words than can be searched';
    RETURN NULL;
END $$;;
CREATE FUNCTION search_message_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_fill(OLD.ticket_id);
    IF TG_OP = 'UPDATE' AND NEW.ticket_id <> OLD.ticket_id THEN
        PERFORM search_fill(NEW.ticket_id);
    END IF;
    RETURN NULL;
END $$;;
CREATE FUNCTION search_client_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_fill(id) FROM ticket WHERE third_party_id = NEW.id AND deleted_at IS NULL;
    RETURN NULL;
END $$;;
SELECT count(search_fill(id)) FROM ticket;;
CREATE INDEX search_words_words ON search_words USING gin (words) WITH (fastupdate = off);;
CREATE TRIGGER search_ticket_new AFTER INSERT ON ticket FOR EACH ROW EXECUTE FUNCTION search_ticket_changed();;
CREATE TRIGGER search_ticket_changed AFTER UPDATE OF
    reference, subject, description, requester_name, requester_address, third_party_id ON ticket
    FOR EACH ROW EXECUTE FUNCTION search_ticket_changed();;
CREATE TRIGGER search_message_new AFTER INSERT ON message
    FOR EACH ROW WHEN (NEW.text <> '') EXECUTE FUNCTION search_message_new();;
CREATE TRIGGER search_message_changed AFTER UPDATE OF ticket_id, text OR DELETE ON message
    FOR EACH ROW EXECUTE FUNCTION search_message_changed();;
CREATE TRIGGER search_client_changed AFTER UPDATE OF name, code ON third_party
    FOR EACH ROW EXECUTE FUNCTION search_client_changed()
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    for statement in INDEXES.strip().removesuffix(";").split(";\n"):
        db.execute_sql(statement)
    for statement in (SQLITE if isinstance(db, SqliteDatabase) else POSTGRESQL).split(";;\n"):
        db.execute_sql(statement)
