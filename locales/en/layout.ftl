layout-language-name = English
layout-support-hours = Support { $hours }
error-form-expired-title = This page was open too long
error-form-expired-text = For your safety the form has expired. Nothing was changed and no money moved. Go back, reload the page and try again.
error-400-title = We could not read that
error-400-text = Your browser sent something we do not understand. Nothing was changed. Go back and try again.
