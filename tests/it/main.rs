mod embedded_postgres;
mod support;
