"""The vault: sealing, key files and their crashes, passphrases, backups."""
