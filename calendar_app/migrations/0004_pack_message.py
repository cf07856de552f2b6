"""A few words go with what is sent for approval."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calendar_app", "0003_plan_uploads")]

    operations = [
        migrations.AddField(
            model_name="pack",
            name="message",
            field=models.TextField(blank=True, max_length=1000),
        ),
    ]
