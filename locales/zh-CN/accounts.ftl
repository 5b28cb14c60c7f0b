home-title = 号卡续费，看得清，放心付
home-lead = FM 卡和 eSIM 放在一起管理。付款前就能看到新的到期日，付款后几分钟内开通。
home-sign-in = 登录
home-register = 注册
home-ribbon-number = 138 0013 8100
home-ribbon-caption = 示例：剩余 3 天用完后，新套餐自动接上，一天都不浪费。
home-says-clear-title = 续费会怎样，先看清
home-says-clear-text = 从哪天到哪天、剩余流量还在不在，选套餐时就写明。
home-says-once-title = 一次续费，只付一次
home-says-once-text = 重复点击、断网、刷新页面，都不会重复扣款。
home-says-refund-title = 开通不了，自动退款
home-says-refund-text = 运营商拒绝时，款项原路退回，不用您来申请。

login-title = 登录
login-lead = 登录后查看号卡、续费和订单。
login-email = 邮箱
login-password = 密码
login-submit = 登录
login-forgot = 忘记密码？
login-register = 没有账号，去注册
login-wrong = 登录没有成功。请检查邮箱和密码，或重设密码；如果刚注册，请先打开验证邮件里的链接。
login-too-often = 尝试次数太多，请等 { $seconds } 秒后再试，或重设密码。
note-signed-out = 您已退出登录。
login-needed = 请先登录，登录后会回到刚才的页面。

register-title = 注册
register-lead = 用购买号卡时留的邮箱注册，方便找到您的号卡。
register-name = 姓名
register-name-hint = 我们怎么称呼您
register-email = 邮箱
register-email-hint = 验证邮件和凭证会发到这里
register-password = 密码
register-password-hint = 至少 8 个字符，几个词连在一起就很好记
register-submit = 注册
register-login = 已有账号，去登录

verify-sent-title = 请查收验证邮件
verify-sent-lead = 如果 { $email } 可以注册，验证邮件已经发出。点击邮件里的链接即可完成注册，链接 24 小时内有效。
verify-title = 确认您的邮箱
verify-lead = 点击下面的按钮完成验证。
verify-submit = 确认邮箱
note-email-confirmed = 邮箱已验证，请登录。
verify-done-title = 邮箱已验证
verify-done-lead = 您的邮箱已经验证过了，可以直接登录。
verify-done-sign-in = 去登录
verify-expired-title = 验证链接已失效
verify-expired-lead = 链接可能已用过或已过期。请登录，我们会给您重新发一封。

forgot-title = 忘记密码
forgot-lead = 填写注册邮箱，我们会发送一个重设密码的链接。
forgot-email = 邮箱
forgot-submit = 发送链接
forgot-back = 返回登录

forgot-sent-title = 请查收邮件
forgot-sent-lead = 如果 { $email } 已注册，重设密码的链接已经发出，30 分钟内有效。
forgot-sent-hint = 没有收到？看看垃圾邮件，或者几分钟后再试一次。

reset-title = 设置新密码
reset-lead = 设置后，其他设备上的登录会全部退出。
reset-password = 新密码
reset-password-hint = 至少 8 个字符，几个词连在一起就很好记
reset-submit = 保存新密码
note-password-changed = 密码已更新，请用新密码登录。
reset-expired-title = 重设链接已失效
reset-expired-lead = 链接只能用一次，并在 30 分钟后失效。您可以重新申请一个。
reset-again = 重新发送链接

field-email-missing = 请填写邮箱
field-email-invalid = 邮箱格式不对，应类似 name@example.com
field-name-missing = 请填写姓名
field-name-long = 姓名请不要超过 { $max } 个字
field-password-short = 密码至少要 { $min } 个字符
field-password-long = 密码请不要超过 { $max } 个字符
field-password-weak = 这个密码太常见，容易被猜到，请换一个，比如几个不相关的词
field-password-about-you = 密码里用了您的姓名、邮箱或本站的名字，请换一个，比如几个不相关的词
