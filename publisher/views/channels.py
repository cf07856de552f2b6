"""*Canali*: which accounts a brand publishes through, whether they work, connecting and disconnecting."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import limits
from accounts.models import Brand
from accounts.permissions import Ability, can, require
from accounts.scope import brand_for, get_visible, person_of
from publisher import channels as activity
from publisher.contract.errors import AdapterError
from publisher.forms.channels import ConnectForm, KeyForm, PasswordForm, ask_for_password
from publisher.models import Channel, ChannelState, Publication, Stop
from publisher.outbox import open_stop_for
from publisher.platforms import PLATFORMS, adapter_of
from publisher.sentences import sentence
from publisher.states import CANCELABLE

LOOKS: dict[str, tuple[str, str, "str | Promise"]] = {
    ChannelState.CONNECTED: ("st-app", "check", gettext_lazy("Connected")),
    ChannelState.LOST: ("st-err", "alert", gettext_lazy("To reconnect")),
    ChannelState.ENDED: ("st-bozza", "no", gettext_lazy("Disconnected")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A channel as the page shows it: class, sign and word of its state, and why it stands so."""

    channel: Channel
    css: str
    sign: str
    word: "str | Promise"
    problem: str
    stop: Stop | None
    monogram: str
    platform: str


@dataclass(frozen=True, slots=True)
class SignInCard:
    """The form of a platform whose accounts are opened by name and app password."""

    slug: str
    name: str
    form: PasswordForm

    @property
    def page(self) -> str:
        """Return where the platform makes such passwords."""
        return str(getattr(adapter_of(self.slug), "sign_in_page", ""))

    @property
    def help(self) -> str:
        """Return the template that explains where the password is made."""
        return f"platforms/{self.slug}/sign_in.html"


def row_of(channel: Channel) -> Row:
    """Return one line of the list."""
    css, sign, word = LOOKS[channel.state]
    adapter = adapter_of(channel.profile.platform)
    problem = channel.connection.last_problem
    return Row(
        channel=channel,
        css=css,
        sign=sign,
        word=word,
        problem=sentence(problem, {}) if problem else "",
        stop=open_stop_for(brand=channel.brand, channel=channel),
        monogram=adapter.monogram,
        platform=adapter.name,
    )


@login_required
@require_GET
def channels(request: HttpRequest, brand: int) -> HttpResponse:
    """List the channels of a brand; who may connect finds the form."""
    return _page(request, brand_for(request, brand))


@sensitive_post_parameters("token")
@sensitive_variables("form")
@login_required
@require_POST
def channel_connect(request: HttpRequest, brand: int) -> HttpResponse:
    """Connect an account, or say beside the field why it cannot be."""
    here, by = _connectable(request, brand), person_of(request)
    form = ConnectForm(request.POST)
    if not form.is_valid():
        return _page(request, here, form)
    limits.count("connect", by.pk)
    try:
        channel = activity.connect(brand=here, by=by, **form.given())
    except AdapterError as error:
        form.refuse(error)
        return _page(request, here, form)
    return _welcome(request, here, channel)


@sensitive_post_parameters("token")
@sensitive_variables("form")
@login_required
@require_POST
def channel_sign_in(request: HttpRequest, brand: int, platform: str) -> HttpResponse:
    """Connect an account by its name and an app password, or say beside the field why it cannot be."""
    here, by = _connectable(request, brand), person_of(request)
    if platform not in PLATFORMS or not activity.takes_password(platform):
        raise Http404
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _page(request, here, sign_in={platform: form})
    limits.count("connect", by.pk)
    try:
        channel = activity.sign_in(brand=here, platform=platform, by=by, **form.given())
    except AdapterError as error:
        form.refuse(error)
        return _page(request, here, sign_in={platform: form})
    return _welcome(request, here, channel)


def _welcome(request: HttpRequest, brand: Brand, channel: Channel) -> HttpResponse:
    """Say that a channel is connected, and as whom."""
    said = _("%(name)s is connected, as %(handle)s.")
    messages.success(request, said % {"name": channel.name, "handle": channel.profile.handle})
    return redirect("channels", brand.pk)


@sensitive_post_parameters("token")
@sensitive_variables("form")
@login_required
@require_http_methods(["GET", "POST"])
def channel_reconnect(request: HttpRequest, brand: int, channel: int) -> HttpResponse:
    """Give a channel a new key for the same account."""
    here, by = _connectable(request, brand), person_of(request)
    found = _channel(request, here, channel)
    form = KeyForm(request.POST or None)
    if activity.takes_password(found.profile.platform):
        ask_for_password(form)
    if request.method == "POST" and form.is_valid():
        limits.count("connect", by.pk)
        try:
            activity.reconnect(found, token=form.cleaned_data["token"], by=by)
        except AdapterError as error:
            form.refuse(error)
        else:
            messages.success(request, _("%(name)s is connected again.") % {"name": found.name})
            return redirect("channels", here.pk)
    context = {"brand": here, "row": row_of(found), "form": form}
    return render(request, "publisher/channel_reconnect.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def channel_check(request: HttpRequest, brand: int, channel: int) -> HttpResponse:
    """Ask the platform now whether the key still opens the account, and read its limits anew."""
    here, by = _connectable(request, brand), person_of(request)
    found = _channel(request, here, channel)
    limits.count("connect", by.pk)
    try:
        activity.read_again(found, by=by)
    except AdapterError as error:
        messages.error(request, sentence(error.code, error.values))
    else:
        messages.success(request, _("%(name)s answers, and its limits are up to date.") % {"name": found.name})
    return redirect("channels", here.pk)


@login_required
@require_http_methods(["GET", "POST"])
def channel_disconnect(request: HttpRequest, brand: int, channel: int) -> HttpResponse:
    """Ask first, saying what waits on the channel; then end it and erase its key."""
    here, by = _connectable(request, brand), person_of(request)
    found = _channel(request, here, channel)
    if request.method == "POST":
        activity.disconnect(found, by=by)
        messages.success(request, _("%(name)s is disconnected and its key is erased here.") % {"name": found.name})
        return redirect("channels", here.pk)
    waiting = Publication.objects.filter(channel=found, state__in=CANCELABLE).count()
    context = {"brand": here, "row": row_of(found), "waiting": waiting}
    return render(request, "publisher/channel_disconnect.html", context)


def _connectable(request: HttpRequest, brand: int) -> Brand:
    """Return the brand if it is theirs (404) and they may connect channels (403)."""
    here = brand_for(request, brand)
    require(request.user, Ability.CONNECT, here)
    return here


def _channel(request: HttpRequest, brand: Brand, pk: int) -> Channel:
    """Return a channel of this brand, or 404."""
    return get_visible(activity.channels_of(brand).select_related("brand__agency"), request.user, pk=pk)


def _page(
    request: HttpRequest,
    brand: Brand,
    form: ConnectForm | None = None,
    sign_in: dict[str, PasswordForm] | None = None,
) -> HttpResponse:
    """Show the list; a form that came back keeps what was typed, but never the key."""
    came_back = sign_in or {}
    by_password = [slug for slug in PLATFORMS if activity.takes_password(slug)]
    context = {
        "brand": brand,
        "rows": [row_of(channel) for channel in activity.channels_of(brand).select_related("brand__agency")],
        "form": form or ConnectForm(),
        "came_back": bool(came_back),
        "sign_ins": [
            SignInCard(slug, adapter_of(slug).name, came_back.get(slug) or PasswordForm()) for slug in by_password
        ],
        "may_connect": can(request.user, Ability.CONNECT, brand),
        "may_stop": can(request.user, Ability.STOP, brand),
    }
    return render(request, "publisher/channels.html", context, status=422 if form or came_back else 200)
