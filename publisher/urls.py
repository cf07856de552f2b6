"""The addresses of this package."""

from django.urls import URLPattern, URLResolver, path

from publisher.views import channels

urlpatterns: list[URLPattern | URLResolver] = [
    path("b/<int:brand>/channels/", channels.channels, name="channels"),
    path("b/<int:brand>/channels/connect/", channels.channel_connect, name="channel_connect"),
    path("b/<int:brand>/channels/<int:channel>/reconnect/", channels.channel_reconnect, name="channel_reconnect"),
    path("b/<int:brand>/channels/<int:channel>/check/", channels.channel_check, name="channel_check"),
    path("b/<int:brand>/channels/<int:channel>/disconnect/", channels.channel_disconnect, name="channel_disconnect"),
]
