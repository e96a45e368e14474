"""
A shop in Django, in one file; in a project, the client stands in a module that views import.

    PENNON_SERVER_KEY=pnn_srv_… PENNON_URL=https://edge.example.com \
        gunicorn --preload --workers 4 django_app:application

The page begins with what its visitor's flags serve, so that the browser asks for nothing: the tag
`flag_bootstrap` writes it, with the nonce of a strict Content Security Policy where there is one.
"""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine, Library
from django.urls import path
from django.utils.safestring import SafeString, mark_safe

from pennon import Client

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("DJANGO_SECRET_KEY", "only for this example"),
)
flags = Client()
register = Library()


@register.simple_tag(takes_context=True)
def flag_bootstrap(context: Context) -> SafeString:
    """Write the script element by which the page knows its flags."""
    return mark_safe(flags.bootstrap_tag(context["visitor"], nonce=context.get("nonce")))


PAGE = """<!doctype html>
<title>Shop</title>
{% load flags %}{% flag_bootstrap %}
<button>{% if new %}Buy now{% else %}To the checkout{% endif %}</button>
"""
engine = Engine(libraries={"flags": __name__})


def visitor_of(request: HttpRequest) -> dict[str, Any]:
    """Return who asks, as flags know them."""
    return {"targetingKey": request.GET.get("visitor", "anonymous"), "plan": "pro"}


def checkout(request: HttpRequest) -> JsonResponse:
    """Say which checkout a visitor sees, and which process said so."""
    new = flags.boolean("new-checkout", visitor_of(request), default=False)
    return JsonResponse({"checkout": "new" if new else "classic", "process": os.getpid()})


def page(request: HttpRequest) -> HttpResponse:
    """Render the page, its flags in it."""
    visitor = visitor_of(request)
    values = {"visitor": visitor, "new": flags.boolean("new-checkout", visitor, default=False)}
    response = HttpResponse(engine.from_string(PAGE).render(Context(values)))
    response["Cache-Control"] = "private"
    return response


urlpatterns = [path("checkout", checkout), path("", page)]
application = get_wsgi_application()
