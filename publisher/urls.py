"""The addresses of this package."""

from django.urls import URLPattern, URLResolver, path

from publisher.views import channels, files, outgoing, stops

urlpatterns: list[URLPattern | URLResolver] = [
    path("b/<int:brand>/channels/", channels.channels, name="channels"),
    path("b/<int:brand>/channels/connect/", channels.channel_connect, name="channel_connect"),
    path("b/<int:brand>/channels/connect/<slug:platform>/", channels.channel_sign_in, name="channel_sign_in"),
    path("b/<int:brand>/channels/<int:channel>/reconnect/", channels.channel_reconnect, name="channel_reconnect"),
    path("b/<int:brand>/channels/<int:channel>/check/", channels.channel_check, name="channel_check"),
    path("b/<int:brand>/channels/<int:channel>/disconnect/", channels.channel_disconnect, name="channel_disconnect"),
    path("outgoing/", outgoing.outgoing, name="outgoing_all"),
    path("b/<int:brand>/outgoing/", outgoing.outgoing, name="outgoing"),
    path("files/<int:pk>/", files.media_file, name="media_file"),
    path("publications/<int:pk>/retry/", outgoing.retry, name="publication_retry"),
    path("publications/<int:pk>/settle/", outgoing.settle, name="publication_settle"),
    path("publications/<int:pk>/drop/", outgoing.drop, name="publication_drop"),
    path("b/<int:brand>/stops/", stops.stops, name="stops"),
    path("b/<int:brand>/stops/<int:pk>/lift/", stops.lift, name="stop_lift"),
]
