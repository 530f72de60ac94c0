"""Where everything is kept: the only package that imports Peewee. It knows nothing of the bot."""
