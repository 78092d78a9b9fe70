"""The pages of the admin, and what a browser would send from them."""

from django import forms
from django.contrib import admin
from django.urls import reverse

from eccp.records.models import Record

WHY = "The list of members says so since June."

#: Every admin of a kind of record that is edited as itself.
RECORD_ADMINS = [model for model in admin.site._registry if issubclass(model, Record) and model is not Record]


def address(model_or_record, page, *args):
    opts = model_or_record._meta
    if isinstance(model_or_record, Record):
        args = (model_or_record.pk, *args)
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def richest(model):
    """The record of a kind with the most citations: whatever its form can hold, it holds."""
    records = admin.site.get_model_admin(model).get_queryset(None)
    return max(records.prefetch_related("citations"), key=lambda record: len(record.citations.all()))


def typed(response):
    """What a browser would send if nothing were changed on the page but the reason, which every change needs."""
    data = {}
    context = response.context
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    sent = [context["adminform"].form]
    sent += [form for formset in formsets for form in (formset.management_form, *formset.forms)]
    for form in sent:
        for field in form:
            widget = getattr(field.field.widget, "widget", field.field.widget)
            value = field.value()
            if isinstance(widget, forms.CheckboxInput):
                if value:
                    data[field.html_name] = "on"
            elif getattr(widget, "allow_multiple_selected", False):
                data[field.html_name] = [str(item) for item in value or ()]
            else:
                shown = widget.format_value(value)
                shown = shown[0] if isinstance(shown, list) and shown else shown
                data[field.html_name] = "" if shown in (None, []) else str(shown)
    return data | {"reason": data.get("reason") or WHY}


def add_row(data, part, **fields):
    """Add a row to a part of the record, as the button below it does."""
    number = int(data[f"{part}-TOTAL_FORMS"])
    data[f"{part}-TOTAL_FORMS"] = str(number + 1)
    data |= {f"{part}-{number}-{name}": str(value) for name, value in fields.items()}
    return data


def errors(response):
    """Every message that stands beside the form, as one text."""
    return " ".join(every_message(response))


def every_message(response):
    """Every message that stands beside the form."""
    context = response.context
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    found = [context["adminform"].form.errors, *(form.errors for formset in formsets for form in formset.forms)]
    lists = [messages for errors in found for messages in errors.values()]
    lists += [formset.non_form_errors() for formset in formsets]
    return [str(message) for messages in lists for message in messages]


def save(client, record, **changes):
    """Change fields of a record in its form; returns the answer."""
    url = address(record, "change")
    return client.post(url, typed(client.get(url)) | changes)


def act_on_chosen(client, model, action, chosen):
    """Choose lines of a list and an act on them: the page that asks first."""
    data = {"action": action, "_selected_action": [one.pk for one in chosen]}
    return client.post(address(model, "changelist"), data)


def confirm(client, asked):
    """Say yes on that page; returns where it leads."""
    data = {"action": asked.context["action"], "_selected_action": "1", "seen": asked.context["seen"]}
    return client.post(asked.wsgi_request.get_full_path(), data, follow=True)
