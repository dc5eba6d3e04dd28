// Terms in normalised spelling. Weights: how surely the word, alone in a sentence, is meant to
// hurt.
#include "detectors/toxicity/toxicity.h"

namespace menshen::detectors::scoring {
namespace {

using namespace toxicity;

constexpr TermRow toxicity_rows[] = {
    {slur, 0.9F,
     "nigger*|nigguh*|niglet*|sand nigger*|faggot*|fags|fag|kike*|chink|chinks|spic|spics|"
     "wetback*|beaner*|gook|gooks|raghead*|towelhead*|camel jockey*|tranny|trannies|shemale*|"
     "dyke|dykes|coon|coons|jigaboo*|paki|pakis|retard|retards|libtard*|zipperhead*|ching chong|"
     "shylock*|muzzie*|muzrat*|gyppo*|pikey*|half-breed*|carpet muncher*|mudshark*|untermensch*|"
     "subhuman*|黑鬼|尼哥|黑蛮|黑皮畜|黑猩猩人|阿三|印度阿三|小日本|"
     "鬼子|日本鬼子|高丽棒子|棒子国|死娘炮|娘炮|死基佬|基佬|死gay|"
     "死同性恋|人妖|支那|支那人|蝗虫人|湾湾狗|台巴子|台蛙|港灿|废青|"
     "绿绿|穆黑|白皮猪|白猪|黄皮狗|屌癌|婚驴|绿茶婊|圣母婊|母狗|倭寇|"
     "倭狗|尼格|黑蝗|死残废|弱智儿|猪猡"},
    {slur, 0.5F,
     "nigga|niggas|niggah*|niccas|nicca|queer|queers|hoe|hoes|bitch|bitches|cunt|cunts|redneck*|"
     "white trash|trailer trash|hick|hillbill*|gypsy|gypsies|thot|thots|skank*|slut|sluts|whore|"
     "whores|slutty|直男癌|普信男|普信女|舔狗|绿茶|河南偷井盖|女拳|"
     "女拳师|拳师|田园女权|黑命贵|乡巴佬|土鳖|外地佬|凤凰男|妈宝男|"
     "小仙女|拜金女|捞女|洋垃圾|二毛子|女权婊|男权癌|国男|郭楠|蝈蝻|"
     "蛆|婚女|伪女权|极端女权"},
    {insult, 0.5F,
     "idiot*|moron*|imbecile*|stupid*|dumbass*|dumb|dumber|dummies|loser|losers|scum*|scumbag*|"
     "jerk|asshole*|arsehole*|bastard*|prick|pricks|dickhead*|douche*|wanker*|twat|twats|"
     "cretin*|pathetic|worthless|shithead*|fuckface*|motherfucker*|pieces of shit|piece of shit|"
     "pos|ugly|fatass*|fat ass|coward*|clown|clowns|buffoon*|nitwit*|halfwit*|dimwit*|airhead*|"
     "brain dead|braindead|brainless|mouth breather*|inbred*|lowlife*|low life|creep|creeps|"
     "weirdo*|白痴|傻逼|傻b|傻比|傻叉|煞笔|沙比|沙雕|傻子|傻瓜|蠢货|蠢猪|"
     "蠢材|笨蛋|笨猪|废物|人渣|败类|渣男|渣女|渣滓|混蛋|王八蛋|王八|"
     "杂种|贱人|贱货|贱种|婊子|脑残|脑瘫|智障|弱智|疯子|疯狗|无耻|"
     "不要脸|臭不要脸|厚颜无耻|伪君子|奴才|走狗|狗腿|汉奸|卖国贼|"
     "地痞|恶棍|废柴|窝囊废|丑八怪|怂货|怂包|懦夫|猪脑子|没脑子|"
     "没教养|没素质|缺德|恶毒|龌龊|猥琐|下贱|下流|低贱|下等|贱|喷子|"
     "杠精|键盘侠|智商低|低智商|低智|愚蠢|愚昧|蠢|死全家|狗东西|"
     "不是东西|不是人|没人性|丧心病狂|臭傻|逼样|装逼|恶臭|丢人现眼|"
     "巨婴|寄生虫|蛀虫|祸害|害虫|毒瘤|毒妇|泼妇|怨妇|荡妇|骚货|破鞋|"
     "公交车女|老不死"},
    {insult, 0.3F,
     "trash|garbage|垃圾|奴隶|骗子|流氓|虚伪|变态|神经病|奇葩|什么东西|"
     "丢脸|小人"},
    {profanity, 0.35F,
     "fuck|fucks|fucked|fucking|fuckin|fuckin'|fucker*|f*ck*|f**k*|fck|fking|shit|shits|shitty|"
     "sh*t|bullshit|b*tch*|bitching|ass|asses|damn|goddamn|crap|wtf|stfu|c*nt*|cocksucker*|"
     "piss off|bloody hell|bollocks|arse|他妈|他妈的|tmd|妈的|尼玛|你妈|妈逼|妈b|"
     "草泥马|操你|操他|我操|卧槽|我草|靠北|屁|狗屁|放屁|滚|鸡巴|jb|"
     "几把|鸟样|傻逼玩意|日你|cnm|nmsl|sb|逼|麻痹|特么|艹"},
    {aimed, 0.8F,
     "fuck you|fuck u|fuck off|f you|screw you|shut up|shut the fuck up|go to hell|eat shit|"
     "suck my|kiss my ass|kill yourself|kys|go die|drop dead|hang yourself|hope you die|"
     "hope they die|i hope you get|you suck|your mom|you are nothing|you're nothing|"
     "nobody likes you|you disgust me|you make me sick|fuck them|fuck all|fuck these|fuck those|"
     "fuck the|i hate you|i hate all|滚出|滚蛋|滚开|滚回|去死|去你妈|去你的|"
     "操你妈|草你妈|日你妈|妈了个|你妈的|你妈死|死妈|闭嘴吧|吃屎|"
     "找死|活该|死有余辜|不得好死|断子绝孙|你算什么东西|你算老几|"
     "要点脸|滚粗|见鬼去|死一边去|早点死|怎么不去死|该死"},
    {threat, 0.9F,
     "kill you|kill them|kill all|kill him|kill her|shoot you|shoot them|beat you up|"
     "beat the shit|stab you|stab them|hurt you|find you and|know where you live|burn you|"
     "rape you|rape her|murder you|murder them|smash your face|break your|bash his head|"
     "slap her|punch you|punch them|punch those|lynch*|gas the|exterminate*|should be shot|"
     "should be killed|should be hanged|should be hung|should die|deserve to die|"
     "deserves to die|need to die|must die|must be eliminated|to be eliminated|"
     "should be eliminated|put down like|wipe them out|string them up|should be burned|"
     "should be exterminated|deserve to be raped|杀了你|弄死你|打死你|砍死你|杀光|"
     "宰了|弄死|打死他|打死她|砍死|揍你|揍死|灭了你|干死你|烧死|枪毙|"
     "都该死|都去死|应该去死|该杀|杀你全家|种族灭绝|灭绝|化学阉割|"
     "该被强奸|活该被强奸|活该被"},
    {threat, 0.45F, "🔫|🔪|☠|💀|👊|🪓|💣|🔨"},
    {dehumanise, 0.6F,
     "vermin|cockroach*|parasite*|animals|savage*|apes|monkeys|monkey|rats|pigs|pig|dogs|beasts|"
     "disease|plague|infest*|filth*|leeches|leech*|maggot*|pests|pest|locusts|畜生|禽兽|"
     "畜牲|狗都不如|猪狗不如|不如狗|猪|狗|蝗虫|蟑螂|老鼠|臭虫|毒瘤|"
     "野蛮人|猩猩|猴子|野兽|牲口|蛮夷|未开化|🐷|🐖|🐒|🐵|🐀|🐍|🐐|"
     "🪳|🦍|🤡|👹|👺|🗑"},
    {vulgar, 0.35F,
     "pussy|pussies|dick|dicks|cock|cocks|tits|boobs|cum|jizz|blowjob*|horny|milf|wank*|"
     "生殖器|奶子|巨乳|約炮|约炮|炮友|意淫|撸管|打飞机|射了|发情|配种|"
     "精虫|肉便器|处女膜|睡了她|小三|被睡|白嫖"},
    {you, 1.0F,
     "you|your|you're|youre|u|ur|yourself|ya|y'all|yall|@|你|你们|妳|您|楼主|答主|"
     "题主|层主|这种人|这些人|那些人|这帮|那帮|这群|那群"},
    {disgust, 0.45F,
     "disgusting|disgust*|gross|revolting|repulsive|vile|despise*|hate|hates|i hate|can't stand|"
     "cant stand|sick of|makes me sick|make me sick|nasty|stink*|smelly|filthy|dirty|sicken*|"
     "loathe*|恶心|反胃|作呕|想吐|倒胃口|厌恶|讨厌|反感|看不起|瞧不起|"
     "鄙视|嫌弃|唾弃|最烦|呸|呵呵哒|无语至极|不要碧莲|丑恶|丑陋|🤮|"
     "🤢|💩|🖕"},
};

}  // namespace

std::span<const TermRow> toxicity_lexicon() { return toxicity_rows; }

}  // namespace menshen::detectors::scoring
