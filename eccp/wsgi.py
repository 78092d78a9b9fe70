"""Where the web server takes hold of the site."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eccp.settings")

application = get_wsgi_application()

from eccp.operations import bounds, headers, statements  # noqa: E402 - after Django is set up

statements.bound_all()
application = headers.alone(bounds.as_utf8(application))
