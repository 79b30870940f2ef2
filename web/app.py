"""The dashboard's app: wires its parts; each module owns its blueprint."""

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from lake.store import StoreError
from web import assets, exports, faults, headers, htmx, ingests, overview, panels, show, state, urls
from web.answers import Answers
from web.assets import Assets
from web.catalog import Catalog
from web.config import Config
from web.desk import Desk
from web.runs import Runs

BODY_BYTES = 16 * 1024
"""Largest request body: the forms here have none to speak of."""


def create_app(config: Config) -> Flask:
    """Return the dashboard as a WSGI app.

    Raises AssetsMissing when set-up has not laid out the page's assets.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(
        TRUSTED_HOSTS=list(config.trusted_hosts),
        MAX_CONTENT_LENGTH=BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_BYTES,
    )
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    desk = Desk(config, Catalog(config.panels), Runs(config.engine, Answers(config.answers)))
    app.extensions["desk"] = desk
    app.extensions["assets"] = served = Assets()
    app.jinja_env.globals.update(asset=served.url, urls=urls, show=show, config=config)
    app.jinja_env.filters.update(visible=show.visible)

    htmx.init(app)
    headers.init(app)
    faults.init(app)
    for module in (assets, overview, panels, exports, ingests, state):
        app.register_blueprint(module.blueprint)

    def sound() -> bool:
        try:
            desk.state()
        except (StoreError, OSError):
            return False
        return True

    app.wsgi_app = headers.Health(app.wsgi_app, sound)  # type: ignore[method-assign]
    if config.proxied:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    return app
