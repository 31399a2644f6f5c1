import django.db.models.deletion
import engine.leases
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('annotation', '0001_initial'),
        ('annotation', '0002_effort_sums'),
        ('annotation', '0003_previous_status'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('engine', '0001_squashed_0032'),
    ]

    operations = [
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=engine.leases.new_token, max_length=32)),
                ('lease_until', models.DateTimeField()),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, default='', max_length=16)),
                ('previous_status', models.CharField(max_length=20)),
                ('job', models.CharField(choices=[('selection', 'Selection'), ('tracking', 'Tracking')], default='tracking', max_length=9)),
                ('masklet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='engine.masklet')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['lease_until'], name='open_assignment_by_lease'), models.Index(condition=models.Q(('outcome', 'submitted')), fields=['ended_at'], name='assignment_submitted_when'), models.Index(condition=models.Q(('outcome__in', ['handed_back', 'lapsed'])), fields=['person', 'masklet'], name='assignment_given_back')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('masklet',), name='one_open_assignment_per_masklet'), models.CheckConstraint(condition=models.Q(('job__in', ['selection', 'tracking'])), name='assignment_is_selection_or_tracking')],
            },
        ),
        migrations.CreateModel(
            name='EffortSum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(max_length=10)),
                ('key', models.BigIntegerField()),
                ('trial', models.BooleanField()),
                ('masklets', models.BigIntegerField()),
                ('frames', models.BigIntegerField()),
                ('active_ms', models.BigIntegerField()),
                ('wait_ms', models.BigIntegerField()),
                ('edited_shares', models.DecimalField(decimal_places=15, help_text='of their frames, added over masklets', max_digits=30)),
                ('measured', models.BigIntegerField(help_text='masklets whose frames are known')),
                ('clicked_frames', models.BigIntegerField()),
                ('clicks', models.BigIntegerField()),
                ('boxes', models.BigIntegerField()),
                ('masks', models.BigIntegerField()),
                ('strokes', models.BigIntegerField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='effort_sums', to='engine.project')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['project', 'by', 'key'], name='effort_sum_by_key')],
            },
        ),
        migrations.CreateModel(
            name='Experiment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='experiments', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='experiments', to='engine.project')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('project', 'name'), name='experiment_name_is_unique_in_its_project')],
            },
        ),
        migrations.CreateModel(
            name='Interaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.PositiveSmallIntegerField()),
                ('frame_idx', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('time', 'Time'), ('click', 'Click'), ('box', 'Box'), ('mask', 'Mask')], max_length=5)),
                ('sequence', models.PositiveIntegerField(blank=True, null=True)),
                ('tool', models.CharField(blank=True, choices=[('point', 'Point'), ('box', 'Box'), ('brush', 'Brush'), ('eraser', 'Eraser'), ('lasso', 'Lasso')], default='', max_length=6)),
                ('active_ms', models.PositiveIntegerField(default=0, help_text='at work on the frame')),
                ('wait_ms', models.PositiveIntegerField(default=0, help_text='waiting for the model; not among active_ms')),
                ('strokes', models.PositiveIntegerField(default=0, help_text='of brush, eraser or lasso')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='interactions', to='annotation.assignment')),
                ('checkpoint', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='interactions', to='engine.checkpoint')),
                ('masklet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='interactions', to='engine.masklet')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interactions', to=settings.AUTH_USER_MODEL)),
                ('prompt', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='interaction', to='engine.prompt')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['masklet', 'kind', 'frame_idx'], name='interaction_by_masklet'), models.Index(fields=['person', 'created_at'], name='interaction_by_person')],
                'constraints': [models.UniqueConstraint(fields=('assignment', 'sequence'), name='time_is_told_once_in_its_assignment'), models.CheckConstraint(condition=models.Q(('phase__in', [1, 2, 3])), name='interaction_phase_is_1_2_or_3'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'time'), ('prompt__isnull', True), ('sequence__isnull', False)), models.Q(models.Q(('kind', 'time'), _negated=True), ('active_ms', 0), ('prompt__isnull', False), ('sequence__isnull', True), ('strokes', 0), ('wait_ms', 0)), _connector='OR'), name='interaction_is_a_prompt_or_told_time')],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('frame_idx', models.PositiveIntegerField()),
                ('experiment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='annotation.experiment')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='engine.revision')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('experiment', 'revision'), name='object_is_in_an_experiment_once')],
            },
        ),
        migrations.CreateModel(
            name='Trial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.PositiveSmallIntegerField()),
                ('masklet', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='as_trial', to='engine.masklet')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='annotation.target')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('target', 'phase'), name='target_is_tried_once_in_a_phase')],
            },
        ),
    ]
