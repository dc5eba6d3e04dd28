#include "detectors/injection/lexicon.h"

#include "detectors/injection/injection.h"

namespace menshen::detectors::scoring {
namespace {

using namespace injection;

constexpr TermRow injection_rows[] = {
    {override_verb, 1.0F,
     "ignore*|disregard*|forget*|neglect|overlook|discard|override|overwrite|overrule|bypass*|"
     "skip|dismiss|set aside|pay no attention to|do not follow|don't follow|do not obey|"
     "stop following|do not listen to|abandon|erase|delete|cancel|nullify|drop|remove|unlearn|"
     "wipe|reset|replace|vergiss|vergessen|ignoriere*|missachte*|oublie*|ignorez|ignora|olvida*|"
     "忽略|忽视|无视|忘记|忘掉|忘了|不要理会|别理会|不用理会|"
     "不必理会|不理会|不要遵守|不要遵循|不遵守|无需遵守|停止遵循|"
     "放弃|抛弃|抛开|丢弃|绕过|跳过|覆盖|撤销|取消|清除|删除|清空|"
     "推翻|重置|别管|不用管|不要管|抹去"},
    {prior, 1.0F,
     "previous|previously|prior|above|earlier|preceding|past|former|foregoing|before|beforehand|"
     "existing|original|initial|old|current|all|any|every|everything|your|these|those|"
     "the system|system|openai*|developer's|given|provided|alle|deine|vorherigen|bisherigen|"
     "toutes|precedentes|todas|anteriores|之前|以前|以上|上面|上述|上文|前面|"
     "先前|此前|前述|先前的|原有|原来|原先|已有|初始|最初|既有|前文|"
     "所有|一切|全部|任何|你的|您的|系统|收到的|给你的|遇到的|开发者"},
    {object, 1.0F,
     "instruction*|directive*|guideline*|rule|rules|prompt|prompts|command|commands|order|"
     "orders|programming|training|context|conversation|restrictions|constraints|policy|policies|"
     "protocol|protocols|system message|input|inputs|text|tasks|assignments|warnings|thoughts|"
     "anweisungen|anweisung|regeln|aufgaben|auftrage|programmierung|instrucciones|reglas|"
     "consignes|指令|指示|提示|提示词|规则|规定|设定|要求|限制|约束|命令|"
     "对话|指引|指南|说明|准则|内容|任务|上下文|原则|政策|协议|信息"},
    {override_all, 0.85F,
     "forget everything above|forget everything before*|forget everything you*|"
     "forget everything that|forget all the above|forget the above|ignore everything above|"
     "ignore everything before*|ignore the above|ignore all the above|ignore all of the above|"
     "disregard the above|disregard everything|disregard all of the above|ignore what i said|"
     "ignore all previous|forget all previous|forget all that|forget what you were told|"
     "ignore what you were told|forget everything|ignore everything|ignore anything above|"
     "forget your training|forget who you are|forget that you are|vergiss alles|忘记一切|"
     "忘掉一切|忘记所有|忽略一切|无视一切|忽略以上|忽略上述|"
     "忽略上面|忽略之前|忽略前面|无视以上|无视上述|无视之前|"
     "忘记之前|忘掉之前|忘记以上|忘掉以上|忘记上面|不要管之前|"
     "别管之前|别管前面|别管上面|以上都忘"},
    {voided, 0.8F,
     "no longer apply|no longer applies|are void|is void|are irrelevant|no longer valid|"
     "do not apply|have been changed|has been changed|have been updated|has been updated|"
     "are cancelled|are canceled|no longer in effect|superseded|作废|无效|失效|"
     "不再有效|不再适用|全部取消|已更新|已经更新|不算数|都忘掉|"
     "都忘了|都忽略|统统忽略|全部忽略"},
    {reveal_verb, 1.0F,
     "reveal*|show|print|repeat|display|output|tell me|give me|disclose|expose|leak|dump|share|"
     "write out|zeig|zeige|gib|list|recite|echo|spell out|type out|provide|return|read out|"
     "verbatim|copy|paste|summarize your|what is|what are|what's|what were|what was|显示|"
     "展示|输出|打印|重复|复述|告诉我|透露|泄露|公开|列出|给出|说出|"
     "背出|原样|逐字|贴出|发给我|是什么|有哪些|交代"},
    {secret_object, 1.0F,
     "system prompt*|systemprompt*|system message|initial prompt|initial instructions|"
     "original instructions|original prompt|hidden prompt*|hidden instructions|"
     "secret instructions|secret prompt|your instructions|your prompt|your prompts|your initial|"
     "your configuration|your system|your rules|your guidelines|your programming|"
     "your directives|prompt texts|prompt text|full prompt|instructions above|words above|"
     "text above|everything above|conversation above|sentences above|system instructions|"
     "developer message|developer instructions|preprompt|pre-prompt|pre prompt|secret key|"
     "access code|system_prompt|prompt-text*|ursprunglichen anweisungen|first message|"
     "previous prompt|previous instructions|instructions you were given|told before|"
     "internal instructions|confidential instructions|base prompt|master prompt|系统提示词|"
     "系统提示|系统指令|系统消息|系统信息|系统设定|初始提示|"
     "初始指令|初始设定|原始指令|原始提示|隐藏指令|隐藏提示|"
     "你的指令|你的提示词|你的提示|你的设定|你的规则|你的配置|"
     "内部指令|内部规则|上面的内容|以上内容|以上文字|上面的文字|"
     "开头的内容|前面的提示|完整提示|提示词原文|开发者指令"},
    {disable_verb, 1.0F,
     "disable*|turn off|switch off|deactivate*|bypass*|circumvent*|remove*|unlock*|break|"
     "break free|lift|override*|evade*|jailbreak*|get around|drop|suspend|skip|ignore|violate|"
     "desactive*|deaktivier*|关闭|禁用|解除|绕过|突破|关掉|移除|去除|取消|"
     "停用|破解|打破|摆脱|规避"},
    {guard_object, 1.0F,
     "safety filter*|content filter*|filters|safety measures|safety protocol*|safety check*|"
     "safety guideline*|safety features|safety settings|safety rules|safety restrictions|"
     "safety mechanism*|safeguard*|guardrail*|content polic*|content restrictions|"
     "ethical guideline*|ethical restrictions|ethical constraints|your restrictions|"
     "your limitations|all restrictions|any restrictions|your filters|your safety|usage polic*|"
     "openai polic*|moderation|censorship|your ethical|your programming|restriction mode|"
     "security protocols|security restrictions|安全过滤|内容过滤|过滤器|安全限制|"
     "安全机制|安全策略|安全协议|安全设置|安全规则|内容审核|"
     "内容限制|审查机制|道德限制|道德准则|道德约束|伦理限制|"
     "你的限制|所有限制|防护措施|内容政策|使用政策|安全检查"},
    {persona, 0.8F,
     "do anything now|developer mode|dan mode|as dan|you are dan|be dan|act as dan|jailbroken|"
     "jailbreak mode|jailbreak prompt|evil mode|god mode|chaos mode|unrestricted mode|"
     "unfiltered mode|opposite mode|evil ai|evil confidant|betterdan|stan mode|dude mode|"
     "mongo tom|aim mode|always intelligent and machiavellian|uncensored ai|unfiltered ai|"
     "amoral|unethical ai|two responses|both responses|jailbreak output|"
     "chatgpt with developer mode|admin mode|root mode|debug mode|maintenance mode|sudo mode|"
     "named dan|called dan|are dan|开发者模式|越狱模式|越狱|无限制模式|"
     "上帝模式|邪恶模式|管理员模式|调试模式|维护模式|dan模式|"
     "两种回答|两个不同的响应"},
    {act_verb, 0.25F,
     "pretend*|act as|act like|roleplay*|role play*|role-play*|you are now|you will now|"
     "play the role|take on the role|imagine you are|simulate*|from now on you|from now on, you|"
     "you are going to|immerse yourself|personify|impersonate|you will act|you are to|behave as|"
     "i want you to act|stay in character|now you are|jetzt bist du|be impersonating|"
     "change yourself into|扮演|假装|装作|伪装成|你现在是|现在你是|"
     "从现在开始你|从现在起你|从现在开始,你|从现在起,你|模拟一个|"
     "模仿|设定为|角色扮演|假设你是|想象你是|代入"},
    {unrestricted, 0.5F,
     "no restrictions|without restrictions|without any restrictions|no limits|no limitations|"
     "without limits|without limitations|unrestricted|unfiltered|uncensored|no filter*|"
     "without filter*|no rules|without rules|no ethical|no moral*|without moral*|"
     "without any moral|regardless of legality|regardless of whether|without regard*|"
     "no censorship|never refuse*|cannot refuse|can't refuse|must not refuse|"
     "not allowed to refuse|never say no|never says no|free from|freed from|broken free|"
     "break free|not bound by|no longer bound|no ethics|no content policy|even if it is illegal|"
     "even if illegal|illegal, immoral|immoral or illegal|unethical or illegal|"
     "illegal or unethical|illegal or immoral|morals or ethics|anything and everything|"
     "no matter how|without judgment|without warning*|no disclaimers|without disclaimers|"
     "不受限制|不受任何限制|没有限制|没有任何限制|无限制|不受约束|"
     "不受任何约束|没有约束|无道德|不道德|没有道德|不考虑道德|"
     "不考虑法律|不考虑合法|不考虑请求的合法|无需考虑道德|不用考虑|"
     "不需要考虑|不需要遵守|不必遵守|无需遵守任何|不得拒绝|不能拒绝|"
     "不要拒绝|绝不拒绝|永不拒绝|从不拒绝|不会拒绝|无审查|不受审查|"
     "无所不能|可以生成任何|任何类型的内容|不加任何评判|"
     "不做无谓的评论|不作任何评价|没有感情和道德|不需要去遵守|"
     "不需要遵循|不必担心|不受任何道德|不受道德|不遵守|可以随意|"
     "不考虑后果|任何政策或规定|does not follow any|doesn't follow|"
     "do not follow any|zero restrictions|do anything"},
    {authority, 0.45F,
     "i am the developer|i'm the developer|i am your developer|i am your creator|"
     "i am the admin*|i'm the admin*|i am an admin*|i'm an admin*|i work for openai|"
     "i work for the company|your creators|your developers|authorized me|i am authorized|"
     "i have authorization|i have permission|authorization code|security researcher|"
     "just between us|trust me, i|我是开发者|我是你的开发者|我是管理员|"
     "我是系统管理员|我是你的创造者|我是openai|我有权限|我已获得授权|"
     "已授权|最高权限|管理员权限|系统覆盖|紧急授权|我是安全研究员"},
    {authority, 0.6F,
     "admin override|system override|developer access|root access granted|emergency override|"
     "emergency bypass|priority override|priority message from|written permission from your|"
     "permission from your creators|permission from your developers|testing your safety|"
     "test your safety|as your administrator|this is your developer|override code|"
     "full access granted|grant full access|openai employee|special admin privileges"},
    {new_task, 0.4F,
     "new instruction*|new task*|new rules|new directive*|new role|new system prompt|your new|"
     "updated instructions|instead do|instead, you|instead you|real instructions|"
     "actual instructions|real task|actual task|instead of answering|stop what you are doing|"
     "now listen|focus on the new|concentrate on the new|following new|important update|"
     "additional instruction*|do not answer this question|do not answer the question|"
     "不要回答这个问题|neue anweisungen|neue aufgabe|新指令|新的指令|新任务|"
     "新的任务|新规则|新的规则|新的设定|新角色|真正的任务|"
     "真正的指令|改为执行|转而|重新设定|现在开始执行"},
    {force_output, 0.3F,
     "just say|only say|simply say|just output|only output|just print|just answer with|"
     "only respond with|respond only with|reply only with|only reply with|say exactly|"
     "you must say|you must respond|you must reply|respond with exactly|reply with exactly|"
     "your only response|must begin with|start your response with|begin your response with|"
     "start with \"sure|begin with \"sure|absolutely! here|your response must|i command you|"
     "repeat after me|只输出|只回答|只需输出|只需回答|只能回答|只能说|"
     "必须回答|必须说|必须以|请直接说|以\"当然"},
    {to_model, 0.3F,
     "ai assistant*|ai model*|language model*|chatgpt|chat gpt|gpt-4|gpt|llm|the assistant|"
     "any ai|if you are an ai|when summarizing|when you summarize|assistant should|note to ai|"
     "dear ai|ai助手|人工智能助手|语言模型|大模型|如果你是ai|致ai|"
     "助手应当|作为ai|总结本文时"},
    {in_answer, 0.45F,
     "in your reply|in your response|in your answer|your reply|your response|your answer|"
     "to your reply|to your response|to your answer|in the response|in the reply|"
     "在你的回复|在您的回复|在你的回答|在回答中|在回复中|你的回复|"
     "你的回答|您的回答"},
    {weak, 0.12F,
     "openai|content policy|ethical|unethical|illegal|immoral|offensive|morality|hypothetical*|"
     "fictional|in character|break character|tokens|inappropriate|harmful|disclaimer*|"
     "guidelines|as an ai|i cannot|i'm sorry|apologize|comply|compliance|obey|profanity|swear|"
     "explicit|nsfw|consequences|boundaries|freedom|loophole*|refuse|secretly|"
     "educational purposes|academic research|insert prompt|system:|道德|非法|违法|虚构|"
     "拒绝|遵从|服从|角色|语气|口吻|合法性|露骨|冒犯|政策|不合法|反派|"
     "傲慢|轻蔑|辱骂|粗鲁|咆哮|尖酸刻薄|贬低|嘲讽|无情|不留情面|黑客|"
     "仅供学习|仅用于研究|假设"},
};

}  // namespace

std::span<const TermRow> injection_lexicon() { return injection_rows; }

}  // namespace menshen::detectors::scoring
