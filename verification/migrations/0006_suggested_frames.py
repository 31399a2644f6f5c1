from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("verification", "0005_automatic")]

    operations = [migrations.RenameField("golditem", "look_here", "suggested_frames")]
