#include "04-images/verbs.hpp"

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

ImageStore Settings::open_store() const {
    return ImageStore(root.empty() ? default_store_root() : root);
}

void declare_settings(CommandLine& line, Settings& settings) {
    line.value("--root", "DIR",
               "where images are kept (default: $SLIPWAY_ROOT,\n"
               "/var/lib/slipway, or ~/.local/share/slipway)",
               [&](auto& text) { settings.root = text; });
}

void declare_list_form(CommandLine& line, ListForm& form) {
    line.value("--format", "TEMPLATE",
               "json, table, or a template: '{{.ID}} {{.Size}}'",
               [&](auto& text) { form.form = text; });
    line.flag("--json", "the same as --format json", form.json);
    line.flag("--no-trunc", "digests and commands in full", form.whole);
    line.flag("-q,--quiet", "IDs only", form.quiet);
}

std::string only_word(const std::vector<std::string>& words,
                      std::string_view what) {
    if (words.size() == 1) return words[0];
    if (words.empty())
        throw Error(ErrorKind::InvalidArgument, cat("no ", what, " given"));
    throw Error(ErrorKind::InvalidArgument,
                cat("one ", what, " at a time, not ", words.size()));
}

}  // namespace slipway
