import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0027_kinds_of_four_branches'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='candidate',
            name='candidate_source_is_known',
        ),
        migrations.AlterField(
            model_name='candidate',
            name='fate',
            field=models.CharField(choices=[('passed', 'passed the filters'), ('trial', 'did not hold its first frames'), ('short', 'is there on too few frames'), ('unstable', 'its edge is not stable'), ('unsure', 'SAM 2 was not sure of it'), ('flicker', 'comes and goes'), ('flood', 'flooded the frame'), ('drift', 'drifted onto something else'), ('duplicate', 'the same as another candidate'), ('existing', 'the same as a masklet that was there'), ('surplus', 'more than the run was to keep'), ('below', "below the project's threshold"), ('unsampled', 'unsatisfactory, and not among those that are refined'), ('dismissed', 'dismissed by an owner'), ('kept', 'an owner has it verified')], max_length=12),
        ),
        migrations.AlterField(
            model_name='candidate',
            name='first_frame',
            field=models.PositiveIntegerField(help_text='the frame that SAM 2 was prompted on; of uploaded masks the first with a pixel'),
        ),
        migrations.AlterField(
            model_name='candidate',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='engine.run'),
        ),
        migrations.AlterField(
            model_name='candidate',
            name='source',
            field=models.CharField(choices=[('grid', 'a grid of points on the first frame'), ('unexplained', 'a grid on what no masklet covered, on a later frame'), ('text', "a word of the project's labels"), ('upload', 'masks of another model, uploaded')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='candidate',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['grid', 'unexplained', 'text', 'upload'])), name='candidate_source_is_known'),
        ),
        migrations.AddConstraint(
            model_name='candidate',
            constraint=models.CheckConstraint(condition=models.Q(('run__isnull', False), ('source', 'upload'), _connector='OR'), name='candidate_comes_of_a_run_or_an_upload'),
        ),
    ]
