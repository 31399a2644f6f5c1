from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("annotation", "0002_effort_sums")]

    operations = [migrations.RenameField("assignment", "came_from", "previous_status")]
