// Signatures of form, over the normalised view. Families are those of injection.cpp.
#include "detectors/injection/families.h"
#include "detectors/injection/injection.h"

namespace menshen::detectors::scoring {
namespace {

using namespace injection;

constexpr std::int64_t memory_bytes_max = 32 * 1024 * 1024;

constexpr Signature signatures[] = {
    // Control tokens of chat templates: ChatML, Llama 2 and 3, Gemma, DeepSeek.
    {delimiter, 0.85F,
     R"(<\|(?:im_start|im_end|im_sep|endoftext|system|user|assistant|end|eot_id|bos)\|>)"},
    {delimiter, 0.85F, R"(<\|(?:start|end)_header_id\|>|<(?:start|end)_of_turn>)"},
    {delimiter, 0.85F, R"(\[/?inst\]|<</?sys>>|\[/?system\])"},
    {delimiter, 0.6F,
     R"(</?(?:system|sys|system_prompt|system-prompt|developer|instructions?|user_input)>)"},
    // A turn of somebody else inside this turn.
    {delimiter, 0.45F,
     R"((?:^|\n) ?#{2,} ?(?:system|instructions?|new instructions?|admin|override|response))"},
    {delimiter, 0.4F,
     R"((?:^|\n) ?(?:system|developer|admin|administrator|root|系统|管理员|开发者) ?:)"},
    {delimiter, 0.6F, R"(["']role["'] ?: ?["'](?:system|developer)["'])"},
    {delimiter, 0.7F,
     R"([-=*#%_]{3,} ?(?:end|begin|start|stop)(?: of)?(?: [a-z]+)* )"
     R"((?:instructions?|prompt|rules|context|document|input|conversation))"},
    {delimiter, 0.55F,
     R"(\[(?:system|admin|developer|debug|override|root|maintenance)(?: [a-z]+)*\])"},
    {authority_claim, 0.6F,
     R"((?:system|admin|safety|policy|developer)[_ -]override|override[_ ](?:mode|code|safety))"},
    {authority_claim, 0.45F, R"(#+ ?(?:override|admin)[a-z ]*#+)"},
    {authority_claim, 0.55F,
     R"((?:system|admin|internal|config)[._](?:[a-z]+[._])*)"
     R"((?:prompt|override|reveal|bypass|command|set)\b)"},
    {authority_claim, 0.55F, R"(\[(?:priority|emergency|urgent)(?: [a-z]+)*\])"},
    // Data sent out: an image or a link that carries the conversation, or a plain request to send
    // secrets.
    {beacon, 0.6F,
     R"(!\[[^\]\n]*\]\( ?https?://[^)\s]+\?[^)\s]*(?:\{|<|\[|%s|data=|q=|secret|token|chat))"},
    {exfiltration, 0.75F,
     R"((?:send|post|forward|upload|e-?mail|exfiltrate|append|leak)\b[^.\n]* )"
     R"((?:conversation|chat history|system prompt|api keys?|passwords?|secrets?|credentials?)\b)"
     R"([^.\n]* (?:to |https?://))"},
    {exfiltration, 0.7F,
     R"((?:发送|上传|转发|泄露|发)[^。\n]*)"
     R"((?:对话|聊天记录|密码|密钥|凭据|系统提示)[^。\n]*(?:到|给|至))"},
    {exfiltration, 0.7F,
     R"((?:对话|聊天记录|密码|密钥|凭据|系统提示词?)[^。\n]*(?:发送|上传|转发|发)(?:到|给|至))"},
    // Instructions in another coat.
    {encoded, 0.6F,
     R"((?:decode|decrypt|base64|rot13|hex|morse|caesar)\b[^.\n]* )"
     R"((?:execute|follow|run|obey|comply|carry out|instructions?)\b)"},
    {encoded, 0.55F,
     R"((?:execute|run|follow|obey) (?:the|this|these) )"
     R"((?:base64|hex|encoded|encrypted|rot13|hidden))"},
    {encoded, 0.6F, R"((?:解码|解密|base64|摩斯|凯撒)[^。\n]*(?:执行|遵循|照做|按照|指令))"},
    {encoded, 0.5F,
     R"(snoitcurtsni|tpmorp metsys|\berongi\b)"},  // "instructions" and the like, reversed
    {encoded, 0.3F,
     R"((?:rot13|reverse|base64|decode|decrypt)(?: this| the)?)"
     R"((?: text| string| message)? ?: ?[^\s])"},
    // An answer dictated to the model, in either direction of the wish.
    {dictated, 0.25F,
     R"((?:respond|reply|answer|say|print|output|state) (?:only )?)"
     R"((?:with |that )?["'][^"'\n]+["'])"},
    {dictated, 0.15F, R"((?:回答|回复|输出|说)[:\s]?["“「][^"”」\n]+["”」])"},
    {dictated, 0.45F,
     R"((?:如果|若)?(?:总结|阅读|处理)(?:本|这|该)(?:文|页|邮件|段)[^。\n]*(?:请|必须|务必))"},
};

}  // namespace

std::span<const Signature> injection_signatures() { return signatures; }

const SignatureSet& SignatureSet::instance() {
  static const SignatureSet set(signatures, memory_bytes_max);
  return set;
}

SignatureSet::SignatureSet(std::span<const Signature> list, std::int64_t memory)
    : signatures_(list) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(memory);
  set_ = std::make_unique<re2::RE2::Set>(options, re2::RE2::UNANCHORED);
  for (const Signature& signature : signatures_) {
    if (set_->Add(re2::StringPiece(signature.pattern.data(), signature.pattern.size()), nullptr) <
        0)
      return;
  }
  ready_ = set_->Compile();
}

const Signature& SignatureSet::at(int index) const noexcept {
  return signatures_[static_cast<std::size_t>(index)];
}

core::Result<void> SignatureSet::match(std::string_view text, std::vector<int>& found) const {
  found.clear();
  re2::RE2::Set::ErrorInfo why{re2::RE2::Set::kNoError};
  const bool any = ready_ && set_->Match(re2::StringPiece(text.data(), text.size()), &found, &why);
  if (!ready_ || (!any && why.kind != re2::RE2::Set::kNoError)) {
    return core::gateway_error(
        core::ErrorKind::internal, "detector_failed",
        "The injection signatures could not be matched within their memory.");
  }
  return {};
}

}  // namespace menshen::detectors::scoring
