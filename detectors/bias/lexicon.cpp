// Terms in normalised spelling. The weight of a group term says how surely it names people here;
// the others, how surely the predicate is meant badly once it is said of a group.
#include "detectors/bias/bias.h"

namespace menshen::detectors::scoring {
namespace {

using namespace bias;

constexpr TermRow bias_rows[] = {
    {group, 1.0F,
     "black people|black person|blacks|black men|black women|black man|black woman|black guy*|"
     "african|africans|african american*|african-american*|negro|negroes|white people|whites|"
     "white men|white women|asian|asians|chinese|japanese|koreans|indians|indian people|"
     "pakistani*|arab|arabs|middle eastern*|middle easterner*|mexican|mexicans|latino|latinos|"
     "latina|latinas|hispanic*|puerto rican*|native american*|american indian*|"
     "indigenous people|indigenous|aboriginal*|immigrant*|migrants|refugee*|foreigner*|"
     "foreigners|illegals|illegal aliens|asylum seeker*|jew|jews|jewish|muslim|muslims|islam|"
     "hindu|hindus|christian|christians|catholics|sikhs|atheists|women|woman|females|female|"
     "girls|men|males|wives|housewives|mothers|feminist*|lady|ladies|gay|gays|gay people|"
     "gay men|lesbian|lesbians|homosexual*|bisexual*|trans people|transgender*|trans women|"
     "trans men|transsexual*|transexual*|lgbt*|queer people|disabled|disabled people|"
     "disabled person|people with disabilities|handicapped|wheelchair|autistic|blind people|"
     "deaf people|mentally ill|mental illness|mentally disabled|mental disabilit*|"
     "mentally handicapped|physically disabled|down syndrome|old people|elderly|boomers|"
     "millennials|poor people|the poor|homeless|homeless people|gypsies|travellers|roma|黑人|"
     "黑种人|非洲人|非裔|白人|白种人|黄种人|亚裔|华人|亚洲人|印度人|"
     "日本人|韩国人|美国人|越南人|犹太人|阿拉伯人|穆斯林|回族|维族|"
     "新疆人|藏族|少数民族|蒙古人|俄罗斯人|欧美人|拉丁裔|墨西哥人|"
     "移民|难民|外国人|老外|洋人|留学生|河南人|东北人|上海人|北京人|"
     "广东人|山东人|四川人|湖北人|武汉人|安徽人|江西人|福建人|湖南人|"
     "山西人|陕西人|河北人|浙江人|江苏人|苏北人|香港人|台湾人|港人|"
     "台湾省人|大陆人|内地人|外地人|本地人|南方人|北方人|农村人|"
     "乡下人|城里人|农民工|温州人|潮汕人|客家人|天津人|重庆人|贵州人|"
     "云南人|广西人|海南人|甘肃人|内蒙人|黑龙江人|吉林人|辽宁人|女人|"
     "女性|女的|女生|女孩|女孩子|女司机|女博士|家庭主妇|剩女|男人|"
     "男性|男的|男生|女权|女权主义者|大妈|老太太|妇女|少女|妹子|女儿|"
     "媳妇|妻子|寡妇|单亲妈妈|中年妇女|大龄女|同性恋|同性恋者|男同|"
     "女同|双性恋|跨性别|变性人|拉拉|残疾人|残障人士|聋哑人|盲人|"
     "精神病人|精神病患者|自闭症|老年人|老人|老头|穷人|底层人|打工仔|"
     "小镇青年|单身狗|丁克|☪|✡|🕋|🕌|🏳|🧕|👳|👲|♿|⚧|👭|👬|🌈"},
    {group, 0.5F,
     "black|white|them|they|those people|these people|that lot|their kind|you people|country|"
     "she|her|黑哥|黑哥们|黑妹|种族|河南|东北|上海|北京|广东|农村|乡下|"
     "印度|日本|韩国|非洲|台湾|香港|美国|男|女|她们|他们|这帮人|"
     "那帮人|这群人|那群人|这种人|这些人|中国人|国人"},
    {generaliser, 1.0F,
     "all|every|always|never|everyone|most|are just|are all|nothing but|only|no good|by nature|"
     "inherently|typical|naturally|each and every|just want|so many|are so|are too|tend to|"
     "bunch of|都是|都|全是|全都|全部|个个|没一个|没有一个|一个个|就是|"
     "从来|天生|本来就|果然|永远|骨子里|大部分|大多数|多数|基本上|"
     "普遍|无一例外|清一色|只会|只知道|除了|一群|一帮|尽是|净是|总是|"
     "总"},
    {trait, 0.55F,
     "lazy|criminal*|thief|thieves|steal*|stealing|rapist*|rape|terrorist*|terrorism|violent|"
     "violence|dangerous|greedy|dishonest|liar|liars|lie|cheat|cheats|cheating|cheap|uneducated|"
     "illiterate|uncivili*|uncivilized|primitive|backward*|barbaric|dirty|unclean|smell|smells|"
     "diseased|drug dealer*|drugs|gang|gangs|thug*|promiscuous|immoral|perverted|pervert*|"
     "pedophile*|groomer*|sinful|sin|unnatural|abnormal|abomination|mentally unstable|emotional|"
     "hysterical|irrational|weak|too weak|incompetent|unfit|useless|burden|burden on|leech*|"
     "freeloader*|welfare|handouts|taking our jobs|steal our jobs|taking over|invad*|invasion|"
     "breed|breeding|spread disease*|spreading|controls the|control the media|rule the world|"
     "conspiracy|bad drivers|bad at|can't drive|cant drive|cannot drive|gold digger*|"
     "manipulative|submissive|bossy|shrill|mental disorder*|prey on|abusive|simple-minded|"
     "simple minded|no culture|uncultured|less productive|only good for|good for nothing|"
     "not safe|blow up|blow it up|bomb|bombs|riot|riots|third world|3rd world|not really people|"
     "isn't real|faking|fake|make excuses|brutes|outsmart*|confused|a phase|attention seeking|"
     "brainwashed|oppress*|backwards|evil|crazy|insane|psycho*|selfish|ruin*|destroy*|disaster|"
     "problem|problems|to blame|blame|threat to|worse|worst|worthless|waste of|not normal|"
     "not real|not human|not people|failure*|hate our|ugly|fat|stupid|dumb|unhygienic|懒|"
     "懒惰|好吃懒做|脏|脏兮兮|肮脏|臭|体味|体臭|狐臭|偷|偷东西|小偷|"
     "盗窃|抢劫|打砸抢|犯罪|犯罪率|罪犯|强奸|强奸犯|吸毒|毒贩|艾滋|"
     "艾滋病|性病|传播疾病|恐怖分子|极端分子|恐怖主义|暴力|暴徒|骗|"
     "骗子|骗婚|骗钱|坑人|坑蒙拐骗|诈骗|撒谎|奸诈|狡猾|贪婪|贪财|自私|"
     "小气|抠门|斤斤计较|势利|势利眼|拜金|物质|虚荣|素质低|低素质|"
     "素质差|没素质|没文化|文化低|不文明|野蛮|粗鲁|粗俗|落后|愚昧|"
     "无知|智商|智商低|情商低|笨|头发长见识短|见识短|情绪化|歇斯底里|"
     "不讲理|不讲道理|矫情|作精|作死|水性杨花|不检点|淫荡|放荡|滥交|"
     "乱搞|出轨|不守妇道|好色|家暴|大男子主义|娘|不男不女|不正常|"
     "心理变态|违背自然|有病|病态|恶习|陋习|恶劣|劣根性|排外|媚外|"
     "崇洋媚外|忘恩负义|白眼狼|心机|攀比|无能|没用|没本事|拖后腿|"
     "负担|累赘|社会毒瘤|败坏|祸国|祸害|威胁|入侵|占领|抢工作|抢饭碗|"
     "寄生|白吃白喝|福利|混吃等死|啃老|赖皮|碰瓷|倚老卖老|坏人变老|"
     "为老不尊|车技差|开车差|开不好车|马路杀手|不会开车|丑|又丑|黑得|"
     "牛逼轰轰|酗酒|打架|打架斗殴|偏激|撒泼|泼辣|歧视我们|嫁不出去|"
     "没人要|不值钱|贬值|剩下|不孝|克夫"},
    {trait, 0.3F,
     "poor|strange|weird|annoying|loud|rude|old|slow|different|scary|afraid of|avoid|"
     "careful around|hate|do not trust|don't trust|never trust|don't like|do not like|穷|土|"
     "矮|黑|吵|怪|可怕|害怕|小心|防着|提防|不喜欢|不敢|受不了|看不惯|"
     "讨厌|恶心|鄙视|看不起|嫌弃|歧视|怕了"},
    {exclusion, 0.7F,
     "go back to|go home|deport*|send them back|kick them out|get out of our|"
     "get out of this country|keep them out|don't belong|do not belong|dont belong|not welcome|"
     "no place for|not allowed|should not be allowed|shouldn't be allowed|should not have|"
     "shouldn't have the right|don't deserve|do not deserve|doesn't deserve|should be banned|"
     "ban all|ban them|ban|banned from|should be forced|segregat*|should not exist|"
     "shouldn't exist|should not vote|should not be|shouldn't be|get rid of|eradicat*|eliminat*|"
     "cleanse|locked up|lock them up|shut them out|stay away from|should be killed|build a wall|"
     "stop immigration|have no right*|should leave|滚出去|滚出|滚回|赶出去|赶走|"
     "驱逐|遣返|驱赶|不配|不欢迎|禁止入内|不准进|不要来|别来|不该来|"
     "不租给|不招|不录用|不录取|不予录用|谢绝|限制入境|取缔|隔离|"
     "清除|灭掉|消灭|没资格|没有资格|不应该存在|不该存在|禁止|抵制|"
     "拒绝招聘|不能嫁|别嫁|嫁给黑人|远离|绝不娶|不能娶|不许"},
    {role, 0.7F,
     "belong in the kitchen|belongs in the kitchen|back to the kitchen|stay in the kitchen|"
     "stay at home and|should stay home|should stay at home|should obey|should submit|"
     "obey their husband*|obey her husband|make me a sandwich|make babies|woman's place|"
     "a woman's job|women's work|man's job|a man's world|real men|real women|real man|"
     "real woman|should not work|shouldn't work|shouldn't be allowed to drive|not suited for|"
     "not suitable for|not cut out for|not good at|can't do math|not smart enough|like a girl|"
     "like a woman|too emotional|should smile|know their place|know her place|better suited to|"
     "for a girl|for a woman|man up|就该|就应该|就得|应该在家|待在家|呆在家|"
     "回家带孩子|在家带孩子|相夫教子|传宗接代|三从四德|女人味|"
     "像个女人|不像女人|像个男人|不像男人|男人就|女人就|女孩子家|"
     "女孩子就|男孩子就|妇道|贤妻良母|伺候|听男人|听丈夫|听老公|"
     "嫁得好|不擅长|不如男|不如男人|不如女|天性|女人不能|女人不该|"
     "女人不应|女生不适合|女性不适合|头发长|干得好不如嫁得好|"
     "生育机器|嫁人|倒贴|女子无才|无才便是德|男主外|女主内|小女人|"
     "女强人|男子汉|爷们|老娘们|娘们|娘儿们|头婚|处女|赔钱货|狐狸精|"
     "红颜祸水|荡妇"},
    {role, 0.35F,
     "不适合|生孩子|生娃|彩礼|贤惠|洗衣做饭|带孩子|做家务|温柔|漂亮|"
     "身材|性感|丰满|housework|housewife|nagging|gossip|pretty|emotional"},
    {hierarchy, 0.85F,
     "inferior|superior race|superior to|master race|lesser race|subhuman*|less than human|"
     "not fully human|second class|second-class|lower class people|low iq|lower iq|"
     "less intelligent|not as smart as|genetically|less evolved|unevolved|deserve less|"
     "not equal|slaves|enslav*|property of|beneath us|pure blood|white power|white pride|"
     "white genocide|great replacement|劣等|低等|下等|低人一等|高人一等|劣质|"
     "基因差|劣种|贱民|奴性|优等民族|高等民族|低贱|没进化|未进化|"
     "原始人|次等|不开化"},
    {hierarchy, 0.3F, "基因|人种|奴隶|血统|纯种|物种|进化|贵贱|鄙视链"},
};

}  // namespace

std::span<const TermRow> bias_lexicon() { return bias_rows; }

}  // namespace menshen::detectors::scoring
