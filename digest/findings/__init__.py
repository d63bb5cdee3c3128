"""What checks found, on its way to the editor: permitted, known before, mended, written for machines."""
