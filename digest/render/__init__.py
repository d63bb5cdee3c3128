"""An issue becomes an email: Markdown, pictures, MJML, inlined HTML, plain text."""
