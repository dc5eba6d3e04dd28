// Word classes of the injection lexicon.
#pragma once

#include "detectors/scoring/terms.h"

#include <cstdint>

namespace menshen::detectors::scoring::injection {

inline constexpr Scope terms = scope("injection");

enum Class : std::uint8_t {
  override_verb,  // ignore, forget, 忽略
  prior,          // previous, above, 之前
  object,         // instructions, rules, 指令
  override_all,   // "forget everything above": needs no object
  voided,         // "no longer apply", 作废: stands after its object
  reveal_verb,    // show, print, 输出
  secret_object,  // system prompt, 系统提示词
  disable_verb,   // disable, bypass, 关闭
  guard_object,   // safety filters, 安全限制
  persona,        // DAN, developer mode
  act_verb,       // pretend, act as, 扮演
  unrestricted,   // without any restrictions, 不受限制
  authority,      // "I am the developer", 我是管理员
  new_task,       // "your new task is", 从现在起你是
  force_output,   // "just say", 只需输出
  to_model,       // "AI assistant", "when summarizing this"
  in_answer,      // "in your reply", 在你的回复中
  weak,           // vocabulary of jailbreaks; counts only together
};

}  // namespace menshen::detectors::scoring::injection
