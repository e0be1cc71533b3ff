// The words of the command line: "step4-images VERB ...". Each function makes
// one of them; what it does is called here and lives elsewhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "04-images/image_store.hpp"
#include "common/program.hpp"

namespace slipway {

/// What stands before the verb.
struct Settings {
    std::string root;  ///< empty: default_store_root()
    ImageStore open_store() const;
};

void declare_settings(CommandLine& line, Settings& settings);

/// How lists are printed: --format TEMPLATE, --json, --no-trunc, --quiet.
struct ListForm {
    std::string form;
    bool json = false, whole = false, quiet = false;
    std::string template_text() const { return json ? "json" : form; }
};
void declare_list_form(CommandLine& line, ListForm& form);

// In step4-images, which is linked statically and starts at once.
Verb images_verb(const Settings& settings);
Verb inspect_verb(const Settings& settings);
Verb history_verb(const Settings& settings);
Verb tag_verb(const Settings& settings);
Verb rmi_verb(const Settings& settings);
Verb prune_verb(const Settings& settings);
Verb fsck_verb(const Settings& settings);
Verb run_verb(const Settings& settings);
Verb ps_verb(const Settings& settings);
Verb rm_verb(const Settings& settings);

// In step4-transfer, which needs libcurl and libarchive.
Verb pull_verb(const Settings& settings);
Verb push_verb(const Settings& settings);
Verb login_verb();
Verb logout_verb();
Verb save_verb(const Settings& settings);
Verb load_verb(const Settings& settings);
Verb import_verb(const Settings& settings);
Verb export_verb(const Settings& settings);
Verb diff_verb(const Settings& settings);
Verb commit_verb(const Settings& settings);
/// For restore_layers() of restore_layers.hpp, not for people.
Verb unpack_verb(const Settings& settings);

/// What rmi does, and what it prints.
void remove_stored_images(ImageStore& store,
                          const std::vector<std::string>& words, bool force);

/// Exactly one word, or an Error that says what is missing.
std::string only_word(const std::vector<std::string>& words,
                      std::string_view what);

}  // namespace slipway
