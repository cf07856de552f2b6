"""Where reading comments stands, and who is alive."""

from typing import ClassVar

from django.db import models

from publisher.models.channel import Channel


class Stream(models.Model):
    """The position of reading one source of comments; ``name`` is ``notifications`` or ``thread:REMOTE_ID``."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="streams")
    name = models.CharField(max_length=255)
    cursor = models.CharField(max_length=255, blank=True, default="")
    next_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    empty_reads = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "name"], name="one_stream_per_source")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["next_at"], name="stream_due")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.name}"


class Heartbeat(models.Model):
    """A process that says it lives."""

    name = models.CharField(max_length=40)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    at = models.DateTimeField()
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name", "host", "pid"], name="one_heartbeat_per_process")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.host}:{self.pid}"
