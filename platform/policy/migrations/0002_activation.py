from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Activation",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("revision", models.CharField(max_length=80)),
                ("seen_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE, TRUNCATE ON policy_activation FROM bailiwick_app",
            "GRANT UPDATE, DELETE ON policy_activation TO bailiwick_app",
        ),
    ]
