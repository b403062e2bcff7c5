"""The rehearsal: an emulated Telegram with phones and a clock one can move."""
