"""The addresses of this package."""

from django.urls import URLPattern, URLResolver, path

from community.views import acts, conversation, deeds, inbox

urlpatterns: list[URLPattern | URLResolver] = [
    path("inbox/", inbox.inbox, name="inbox_all"),
    path("inbox/rows/", inbox.inbox_rows, name="inbox_all_rows"),
    path("b/<int:brand>/inbox/", inbox.inbox, name="inbox"),
    path("b/<int:brand>/inbox/rows/", inbox.inbox_rows, name="inbox_rows"),
    path("conversations/<int:pk>/", conversation.conversation, name="conversation"),
    path("conversations/<int:pk>/stream/", conversation.conversation_stream, name="conversation_stream"),
    path("conversations/<int:pk>/writing/", conversation.conversation_writing, name="conversation_writing"),
    path("conversations/<int:pk>/answer/", acts.conversation_answer, name="conversation_answer"),
    path("conversations/<int:pk>/note/", acts.conversation_note, name="conversation_note"),
    path("conversations/<int:pk>/assign/", acts.conversation_assign, name="conversation_assign"),
    path("conversations/<int:pk>/close/", acts.conversation_close, name="conversation_close"),
    path("conversations/<int:pk>/reopen/", acts.conversation_reopen, name="conversation_reopen"),
    path("comments/<int:pk>/like/", acts.comment_like, name="comment_like"),
    path("comments/<int:pk>/unlike/", acts.comment_unlike, name="comment_unlike"),
    path("comments/<int:pk>/hide/", deeds.comment_hide, name="comment_hide"),
    path("comments/<int:pk>/show/", deeds.comment_show, name="comment_show"),
    path("comments/<int:pk>/mute/", deeds.comment_mute, name="comment_mute"),
    path("comments/<int:pk>/unmute/", deeds.comment_unmute, name="comment_unmute"),
    path("comments/<int:pk>/report/", deeds.comment_report, name="comment_report"),
    path("comments/<int:pk>/handled/", acts.comment_handled, name="comment_handled"),
    path("answers/<int:pk>/retry/", acts.answer_retry, name="answer_retry"),
    path("answers/<int:pk>/settle/", acts.answer_settle, name="answer_settle"),
    path("answers/<int:pk>/rewrite/", acts.answer_rewrite, name="answer_rewrite"),
]
