"""Looking after a deployment: backups and restores, a doctor, health, and moving to another database."""
