import django.contrib.postgres.fields
import django.db.models.deletion
import engine.leases
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('verification', '0001_initial'),
        ('verification', '0002_rounds_and_policies'),
        ('verification', '0003_rounds_of_earlier_reviews'),
        ('verification', '0004_reviews_are_of_a_round_or_of_gold'),
        ('verification', '0005_automatic'),
        ('verification', '0006_suggested_frames'),
        ('verification', '0007_places'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('engine', '0001_squashed_0032'),
    ]

    operations = [
        migrations.CreateModel(
            name='GoldItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('clean', 'clean'), ('slipped', 'slipped'), ('shifted', 'shifted'), ('leaked', 'leaked'), ('eroded', 'eroded'), ('dilated', 'dilated'), ('holes', 'holes'), ('merged', 'merged'), ('lost', 'lost'), ('swapped', 'swapped'), ('flickers', 'flickers'), ('present_when_absent', 'present_when_absent'), ('absent_when_present', 'absent_when_present')], max_length=20)),
                ('severity', models.FloatField(default=0.0, help_text='0 (just to be seen) to 1 (gross)')),
                ('key', models.CharField(max_length=255)),
                ('sha256', models.CharField(max_length=64)),
                ('suggested_frames', models.JSONField(blank=True, default=list)),
                ('doubt', models.FloatField(default=0.0)),
                ('places', models.JSONField(blank=True, null=True)),
                ('look_asked', models.BooleanField(db_default=False, default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gold_items', to=settings.AUTH_USER_MODEL)),
                ('masklet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gold_items', to='engine.masklet')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gold_items', to='engine.revision')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('masklet', 'kind'), name='gold_has_a_kind_once_of_a_masklet'), models.CheckConstraint(condition=models.Q(('kind__in', ('clean', 'slipped', 'shifted', 'leaked', 'eroded', 'dilated', 'holes', 'merged', 'lost', 'swapped', 'flickers', 'present_when_absent', 'absent_when_present'))), name='gold_kind_is_known'), models.CheckConstraint(condition=models.Q(('severity__gte', 0), ('severity__lte', 1)), name='gold_severity_is_0_to_1')],
            },
        ),
        migrations.CreateModel(
            name='Probe',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('against', models.CharField(choices=[('person', 'Person'), ('gold', 'Gold')], max_length=8)),
                ('j', models.FloatField(blank=True, help_text='0 to 1, mean over frames', null=True)),
                ('f', models.FloatField(blank=True, help_text='0 to 1, mean over frames', null=True)),
                ('scored_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('masklet', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='probe_of', to='engine.masklet')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='probes', to=settings.AUTH_USER_MODEL)),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='probes', to='engine.revision')),
                ('revision', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='engine.revision')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('scored_at__isnull', True), models.Q(('f__isnull', False), ('j__isnull', False)), _connector='OR'), name='scored_probe_has_its_scores')],
            },
        ),
        migrations.CreateModel(
            name='ReviewPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reviewers', models.PositiveSmallIntegerField(default=1)),
                ('agreeing', models.PositiveSmallIntegerField(default=1)),
                ('look_share', models.FloatField(default=1.0)),
                ('trusted_share', models.FloatField(default=1.0)),
                ('trusted_rate', models.FloatField(default=0.98)),
                ('trusted_after', models.PositiveIntegerField(default=50)),
                ('second_look_share', models.FloatField(default=0.0)),
                ('rounds_cap', models.PositiveSmallIntegerField(default=5, help_text='rounds that end unsatisfactory, after which an owner decides')),
                ('returns_to', models.CharField(choices=[('anyone', 'any annotator'), ('same', 'whoever made it'), ('another', 'another annotator')], default='anyone', max_length=8)),
                ('gold_share', models.FloatField(default=0.0)),
                ('pause_below', models.FloatField(blank=True, help_text='share of right answers; null: nobody is paused', null=True)),
                ('pause_after', models.PositiveIntegerField(default=20, help_text='known answers before anybody is paused')),
                ('probe_share', models.FloatField(default=0.0)),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review_policy', to='engine.project')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('agreeing__gte', 1), ('agreeing__lte', models.F('reviewers')), ('reviewers__gte', 1), ('reviewers__lte', 9)), name='policy_asks_1_to_9_reviewers_of_whom_some_agree'), models.CheckConstraint(condition=models.Q(('look_share__gte', 0), ('look_share__lte', 1)), name='policy_look_share_is_a_share'), models.CheckConstraint(condition=models.Q(('trusted_share__gte', 0), ('trusted_share__lte', 1)), name='policy_trusted_share_is_a_share'), models.CheckConstraint(condition=models.Q(('trusted_rate__gte', 0), ('trusted_rate__lte', 1)), name='policy_trusted_rate_is_a_share'), models.CheckConstraint(condition=models.Q(('second_look_share__gte', 0), ('second_look_share__lte', 1)), name='policy_second_look_share_is_a_share'), models.CheckConstraint(condition=models.Q(('gold_share__gte', 0), ('gold_share__lte', 1)), name='policy_gold_share_is_a_share'), models.CheckConstraint(condition=models.Q(('probe_share__gte', 0), ('probe_share__lte', 1)), name='policy_probe_share_is_a_share'), models.CheckConstraint(condition=models.Q(('pause_below__isnull', True), models.Q(('pause_below__gte', 0), ('pause_below__lte', 1)), _connector='OR'), name='policy_pause_below_is_a_share'), models.CheckConstraint(condition=models.Q(('rounds_cap__gte', 1)), name='policy_allows_a_round')],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='1, 2, 3 … of its masklet')),
                ('reviewers', models.PositiveSmallIntegerField(default=1)),
                ('agreeing', models.PositiveSmallIntegerField(default=1)),
                ('tied', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField(auto_now_add=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('satisfactory', 'Satisfactory'), ('unsatisfactory', 'Unsatisfactory'), ('reject', 'Reject')], default='', max_length=16)),
                ('size', models.CharField(blank=True, default='', max_length=6)),
                ('escalated', models.BooleanField(default=False, help_text='an owner was asked')),
                ('annotator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to=settings.AUTH_USER_MODEL)),
                ('masklet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rounds', to='engine.masklet')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='engine.revision')),
            ],
            options={
                'ordering': ['masklet', 'number'],
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['opened_at'], name='open_round_by_age'), models.Index(fields=['annotator', '-id'], name='round_by_annotator')],
                'constraints': [models.UniqueConstraint(fields=('masklet', 'number'), name='round_number_is_unique_in_its_masklet'), models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('masklet',), name='one_open_round_per_masklet'), models.CheckConstraint(condition=models.Q(('agreeing__gte', 1), ('agreeing__lte', models.F('reviewers'))), name='round_can_agree')],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=engine.leases.new_token, max_length=32)),
                ('lease_until', models.DateTimeField()),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, default='', max_length=16)),
                ('places', models.JSONField(blank=True, null=True)),
                ('gold', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='verification.golditem')),
                ('masklet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='engine.masklet')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to=settings.AUTH_USER_MODEL)),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='engine.revision')),
                ('round', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='verification.round')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['lease_until'], name='open_review_by_lease'), models.Index(condition=models.Q(('gold__isnull', False)), fields=['person', 'gold'], name='review_of_gold_by_person')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome__in', ('', 'verdict'))), fields=('round', 'person'), name='a_person_sits_once_in_a_round'), models.UniqueConstraint(condition=models.Q(('gold__isnull', False), ('outcome__in', ('', 'verdict'))), fields=('gold', 'person'), name='a_person_answers_a_gold_item_once'), models.CheckConstraint(condition=models.Q(models.Q(('gold__isnull', True), ('round__isnull', False)), models.Q(('gold__isnull', False), ('round__isnull', True)), _connector='OR'), name='review_is_of_a_round_or_of_gold')],
            },
        ),
        migrations.CreateModel(
            name='SamplingDraw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(choices=[('look', 'Look'), ('second_look', 'Second Look'), ('probe', 'Probe')], max_length=12)),
                ('share', models.FloatField(help_text='as the policy had it then')),
                ('drawn', models.FloatField(help_text='0 to 1, even; below the share is taken')),
                ('taken', models.BooleanField()),
                ('because', models.CharField(help_text='which rule gave the share', max_length=80)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('masklet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sampling_draws', to='engine.masklet')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sampling_draws', to='engine.revision')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['masklet'], name='draw_by_masklet')],
                'constraints': [models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 1)), name='draw_share_is_a_share')],
            },
        ),
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standings', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standings', to='engine.project')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'person'), name='reviewer_has_one_standing')],
            },
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(choices=[('reviewer', 'Reviewer'), ('senior', 'Senior'), ('owner', 'Owner'), ('preverifier', 'Preverifier')], default='reviewer', max_length=12)),
                ('kind', models.CharField(choices=[('satisfactory', 'Satisfactory'), ('unsatisfactory', 'Unsatisfactory'), ('reject', 'Reject')], max_length=16)),
                ('comment', models.TextField(blank=True, default='')),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to=settings.AUTH_USER_MODEL)),
                ('review', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='verdict', to='verification.review')),
                ('round', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='verdicts', to='verification.round')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['satisfactory', 'unsatisfactory', 'reject'])), name='verdict_is_one_of_three'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'unsatisfactory'), _negated=True), models.Q(('comment', ''), _negated=True), ('reasons__len__gt', 0), _connector='OR'), name='unsatisfactory_says_what_to_refine'), models.CheckConstraint(condition=models.Q(models.Q(('by__in', ['reviewer', 'senior']), ('person__isnull', False), ('review__isnull', False)), models.Q(('by', 'owner'), ('person__isnull', False), ('review__isnull', True), ('round__isnull', False)), models.Q(('by', 'preverifier'), ('person__isnull', True), ('review__isnull', True), ('round__isnull', False)), _connector='OR'), name='verdict_is_a_reviewers_an_owners_or_a_machines')],
            },
        ),
        migrations.CreateModel(
            name='Pin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('frame_idx', models.PositiveIntegerField()),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('strokes', models.JSONField(blank=True, default=list, help_text='of each the points [x, y], in pixels of the stored frame')),
                ('verdict', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pins', to='verification.verdict')),
            ],
            options={
                'ordering': ['frame_idx', 'id'],
                'constraints': [models.UniqueConstraint(fields=('verdict', 'frame_idx'), name='verdict_has_a_pin_once_a_frame')],
            },
        ),
        migrations.CreateModel(
            name='AutomaticVerdicts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('passing', models.BooleanField(default=False, help_text='accept what is likely right')),
                ('returning', models.BooleanField(default=False, help_text='send back what is likely wrong')),
                ('precision', models.FloatField(default=0.95, help_text='promised: of what it decides, the share that is right')),
                ('people_share', models.FloatField(default=0.1, help_text='of what it would decide, the share for people')),
                ('pass_below', models.FloatField(default=0.05, help_text='chance of being unsatisfactory')),
                ('return_above', models.FloatField(default=0.95, help_text='chance of being unsatisfactory')),
                ('verdicts_seen', models.PositiveIntegerField(default=0)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_because', models.CharField(blank=True, default='', max_length=255)),
                ('allowed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='automatic_verdicts', to=settings.AUTH_USER_MODEL)),
                ('preverifier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='automatic_verdicts', to='engine.preverifier')),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='automatic_verdicts', to='engine.project')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('precision__gte', 0.5), ('precision__lt', 1)), name='automatic_precision_is_below_1'), models.CheckConstraint(condition=models.Q(('people_share__gte', 0.05), ('people_share__lte', 1)), name='automatic_leaves_some_to_people'), models.CheckConstraint(condition=models.Q(('pass_below__gte', 0), ('pass_below__lt', models.F('return_above')), ('return_above__lte', 1)), name='automatic_passes_below_what_it_returns')],
            },
        ),
        migrations.CreateModel(
            name='CoverageAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('missing', models.BooleanField()),
                ('masklet_count', models.PositiveIntegerField(help_text='masklets that were shown')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('masklet', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='engine.masklet')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coverage_answers', to=settings.AUTH_USER_MODEL)),
                ('video', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='coverage_answers', to='engine.video')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['video', '-id'], name='coverage_by_video')],
            },
        ),
    ]
