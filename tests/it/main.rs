mod embedded_postgres;
mod receipt_pdf;
mod support;
