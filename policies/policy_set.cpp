#include "policies/policy_set.h"

#include "core/digest.h"
#include "policies/compiled_set.h"
#include "policies/lint.h"

namespace menshen::policies {

PolicySet::Loaded PolicySet::parse(std::string_view text, std::string_view file,
                                   const Known& known) {
  core::YamlProblems problems{std::string(file)};
  Loaded out;
  {
    const core::YamlDocument yaml(text, problems);
    if (yaml.root().present()) {
      PolicyDocument document = read_document(yaml.root(), known);
      if (!problems.has_errors()) {
        lint(document, yaml.root());
        const core::Digest digest = core::sha256(text);
        out.set = std::make_shared<CompiledSet>(std::move(document),
                                                core::to_hex(core::as_text(digest)), known);
      }
    }
  }
  for (core::YamlProblem& p : problems.take()) {
    out.diagnostics.push_back({p.is_error, std::move(p.where), std::move(p.message)});
  }
  return out;
}

}  // namespace menshen::policies
