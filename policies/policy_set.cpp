#include "policies/policy_set.h"

#include "policies/compiled_set.h"
#include "policies/lint.h"
#include "policies/names_in_use.h"

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
        if (known.in_use != nullptr) check_names(document, *known.in_use, known.strict);
      }
      if (!problems.has_errors())
        out.set = std::make_shared<CompiledSet>(std::move(document), text, known);
    }
  }
  out.diagnostics = problems.take();
  return out;
}

}  // namespace menshen::policies
