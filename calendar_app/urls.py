"""The addresses of this package."""

from django.urls import URLPattern, URLResolver, path

from calendar_app.views import asking, calendar, composer, feed, feeds, library, moving, post

urlpatterns: list[URLPattern | URLResolver] = [
    path("feed/<str:secret>.ics", feed.feed, name="feed"),
    path("b/<int:brand>/feeds/", feeds.list_feeds, name="feeds"),
    path("b/<int:brand>/feeds/plan.ics", feeds.download, name="feed_download"),
    path("feeds/<int:pk>/revoke/", feeds.revoke, name="feed_revoke"),
    path("calendar/", calendar.current, name="calendar"),
    path("b/<int:brand>/", calendar.brand_month, name="brand"),
    path("b/<int:brand>/calendar/<int:year>/<int:month>/", calendar.month, name="calendar_month"),
    path("b/<int:brand>/calendar/<int:year>/<int:month>/<int:day>/", calendar.day, name="calendar_day"),
    path("b/<int:brand>/posts/new/", composer.new, name="post_new"),
    path("b/<int:brand>/lengths/", composer.lengths, name="lengths"),
    path("b/<int:brand>/packs/new/", asking.pack_new, name="pack_new"),
    path("b/<int:brand>/library/", library.library, name="library"),
    path("b/<int:brand>/library/upload/", library.upload, name="library_upload"),
    path("assets/<int:pk>/describe/", library.describe, name="asset_describe"),
    path("assets/<int:pk>/<int:width>/", library.picture, name="asset_picture"),
    path("posts/<int:pk>/", post.show, name="post"),
    path("posts/of/<uuid:key>/", post.by_key, name="post_of"),
    path("posts/<int:pk>/edit/", composer.edit, name="post_edit"),
    path("posts/<int:pk>/move/", moving.move, name="post_move"),
    path("posts/<int:pk>/duplicate/", post.duplicate, name="post_duplicate"),
    path("posts/<int:pk>/archive/", post.archive, name="post_archive"),
    path("posts/<int:pk>/schedule/", post.schedule, name="post_schedule"),
    path("posts/<int:pk>/unschedule/", post.unschedule, name="post_unschedule"),
    path("approvals/<int:pk>/decide/", post.decide, name="approval_decide"),
]
