layout-language-name = 中文
layout-support-hours = 客服时间 { $hours }
error-form-expired-title = 页面停留时间过长
error-form-expired-text = 为保障安全，表单已失效。没有任何改动，也没有扣款。请返回并刷新页面后重试。
error-400-title = 无法识别您的请求
error-400-text = 浏览器发送的内容无法识别。没有任何改动，请返回重试。
