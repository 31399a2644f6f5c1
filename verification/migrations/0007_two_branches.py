from django.db import migrations


class Migration(migrations.Migration):
    """Two that were made side by side."""

    dependencies = [
        ('verification', '0006_places'),
        ('verification', '0006_suggested_frames'),
    ]

    operations = []
