"""Read models: frozen views of cases for screens and documents."""
