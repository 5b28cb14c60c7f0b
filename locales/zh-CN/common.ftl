common-skip = 跳到正文
common-nav-label = 主菜单
common-nav-account = 我的号卡
common-nav-balance = 余额
common-nav-orders = 订单
common-nav-sign-in = 登录
common-nav-sign-out = 退出
common-nav-security = 安全
common-nav-register = 注册
common-nav-staff-home = 待处理
common-nav-staff-search = 查找
common-nav-rehearsal = 演练时钟
common-demo-bar = 这是演示环境，不会产生真实扣款，号卡也不是真的。
common-demo-mailbox = 查看发出的邮件
common-copy = 复制
common-copied = 已复制
common-page-previous = 上一页
common-page-next = 下一页
common-page-of = 第 { $page } 页，共 { $pages } 页
common-inclusive = { $date }（含）
common-zone = 日期按{ $zone }计算。
common-zone-other = { $zone } 时间
zone-asia-shanghai = 北京时间
zone-asia-hong-kong = 香港时间
zone-asia-macau = 澳门时间
zone-asia-taipei = 台北时间
zone-asia-tokyo = 东京时间
zone-asia-singapore = 新加坡时间
zone-asia-kuwait = 科威特时间
zone-europe-berlin = 柏林时间
zone-europe-london = 伦敦时间
zone-america-new-york = 纽约时间
zone-utc = UTC
common-password-show = 显示
common-password-hide = 隐藏
common-form-errors = 请先修改以下内容
common-none = 无
common-list-comma = 、

kind-fm-card = FM 卡
kind-esim = eSIM

carrier-cmcc = 中国移动
carrier-cucc = 中国联通
carrier-ctcc = 中国电信
carrier-cmhk = 中国移动香港
carrier-roamia = Roamia
carrier-globix = Globix

mark-days-left = 还剩 { $days } 天
mark-expires-today = 今天到期
mark-lapsed = 已过期 { $days } 天
mark-suspended = 已停机
mark-not-started = { $date }起生效

term-days = { $n } 天
term-months = { $n ->
    [1] 1 个月
    [3] 一季
    [12] 一年
   *[other] { $n } 个月
}

coverage-world = 全球
coverage-more = { $first }等 { $n } 个国家和地区

has-data = { $amount } 流量
has-data-unlimited = 流量不限
has-minutes = { $n } 分钟
has-sms = { $n } 条短信
count-minutes = { $n } 分钟
count-sms = { $n } 条
common-nav-staff-money = 支付
common-nav-staff-catalogue = 目录
has-credit = { $amount } 话费余额
