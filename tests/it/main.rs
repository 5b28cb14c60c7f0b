mod accounts_guard;
mod accounts_recover;
mod accounts_sign_in;
mod accounts_support;
mod embedded_postgres;
mod receipt_pdf;
mod support;
