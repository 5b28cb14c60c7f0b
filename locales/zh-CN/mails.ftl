mailbox-title = 演示邮箱
mailbox-lead = 演示环境发出的邮件和短信都在这里，不会真的寄出。
mailbox-empty-title = 还没有邮件
mailbox-empty-text = 注册、重设密码或续费后，邮件会出现在这里。
mailbox-to = 收件人
mailbox-time = 时间
mailbox-kind-mail = 邮件
mailbox-kind-sms = 短信

mail-greeting = { $name }，您好：
mail-foot = 这封邮件由系统发出。如有疑问，请直接回复。

mail-verify-subject = 请验证您的邮箱
mail-verify-body = 请打开下面的链接完成注册，24 小时内有效。如果不是您本人操作，忽略即可。
mail-reset-subject = 重设密码
mail-reset-body = 请打开下面的链接设置新密码，30 分钟内有效，只能用一次。如果不是您本人操作，忽略即可，密码不会改变。
mail-password-changed-subject = 密码已更改
mail-password-changed-body = 您的密码刚刚被更改，其他设备上的登录已退出。如果不是您本人操作，请立即重设密码并联系客服。
mail-already-registered-subject = 您已经有账号了
mail-already-registered-body = 有人用这个邮箱再次注册。您可以直接登录；忘记密码可以重设。如果不是您本人操作，忽略即可。
mail-receipt-subject = 续费成功：{ $number } 有效期至 { $date }
mail-receipt-body = { $plan } 已开通，有效期由 { $before }变为 { $after }。实付 { $amount }，订单号 { $order }。凭证见附件，也可随时在网页下载。
mail-refund-started-subject = 续费没能开通，{ $amount } 正在退回
mail-refund-started-body = 运营商没有接受 { $number } 的续费（{ $reason }）。{ $amount } 正在原路退回，通常 1 – 3 个工作日到账。号卡原有的有效期不变。
mail-refunded-subject = 已退款 { $amount }
mail-refunded-body = 订单 { $order } 的 { $amount } 已原路退回。
mail-delayed-subject = 开通时间比平时长：{ $number }
mail-delayed-body = 付款已收到，我们正在向运营商核实结果，不会重复扣款。您不用做什么，有结果会再发邮件给您。
mail-attention-subject = 订单 { $order } 正在人工核对
mail-attention-body = 付款已收到，但运营商返回的结果与约定不一致。客服正在处理，有结果会发邮件给您，请不要重复付款。
mail-late-refund-subject = 付款到账较晚，已为您退款
mail-late-refund-body = 订单 { $order } 的付款到账时订单已关闭，{ $amount } 正在原路退回。如仍需续费，请重新下单。
mail-surplus-refund-subject = 重复付款已退回
mail-surplus-refund-body = 订单 { $order } 收到了两笔付款，多出的 { $amount } 正在原路退回。续费不受影响。
mail-see-order = 查看订单


mailbox-kind = 类型
mailbox-open = 演示环境里任何人都能查看，不用登录：新客户要用的链接就在这里。
mailbox-attached = 附件
mailbox-waiting = 尚未发送
mailbox-source = HTML 源码
