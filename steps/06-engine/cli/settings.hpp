// What stands before the verb, and what most verbs begin with.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "04-images/verbs.hpp"
#include "06-engine/engine/engine.hpp"
#include "common/error.hpp"
#include "common/program.hpp"

namespace slipway {

struct EngineSettings {
    Settings images;  ///< --root, as step 4's verbs have it
    std::string state;

    /// Warnings go to stderr.
    Engine open() const;
};

/// The verb, in a user namespace when this process is an ordinary user's
/// (engine/user_namespace.hpp). Those that need no store are left as they are.
Verb for_any_user(Verb verb, const EngineSettings& settings);

void declare_engine_settings(CommandLine& line, EngineSettings& settings);

/// Does it for each word and goes on after an error, as Docker: each name that
/// worked is printed, each error, too. Returns 1 when there was one. Throws
/// InvalidArgument when there is no word.
struct EachWord {
    bool quiet = false;           ///< the names are not printed
    bool absent_is_fine = false;  ///< rm -f: said, and no failure
};
int for_each_word(const std::vector<std::string>& words, const char* what,
                  const std::function<void(const std::string& word)>& body,
                  EachWord how = {});

/// As main does it, for verbs that go on.
void print_error(const Error& error);

/// "WARNING! …", and whether the user says y. Without a terminal: no.
bool is_confirmed(const std::string& what);

}  // namespace slipway
