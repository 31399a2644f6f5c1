from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('verification', '0003_rounds_of_earlier_reviews')]

    operations = [
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('gold__isnull', True), ('round__isnull', False)), models.Q(('gold__isnull', False), ('round__isnull', True)), _connector='OR'), name='review_is_of_a_round_or_of_gold'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('by__in', ['reviewer', 'senior']), ('person__isnull', False), ('review__isnull', False)), models.Q(('by', 'owner'), ('person__isnull', False), ('review__isnull', True), ('round__isnull', False)), models.Q(('by', 'preverifier'), ('person__isnull', True), ('review__isnull', True), ('round__isnull', False)), _connector='OR'), name='verdict_is_a_reviewers_an_owners_or_a_machines'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome__in', ('', 'verdict'))), fields=('round', 'person'), name='a_person_sits_once_in_a_round'),
        ),
    ]
