// internal: what slipway-monitor becomes and calls. Not for people.
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/health.hpp"
#include "06-engine/engine/monitored_start.hpp"
#include "06-engine/security/own_program.hpp"
#include "common/error.hpp"

namespace slipway {

Verb internal_verb(const EngineSettings& settings, char** argv) {
    return {"internal", "", "", {}, [&settings, argv](auto& words) {
                if (words.size() != 2)
                    throw Error(ErrorKind::InvalidArgument,
                                "internal is what slipway calls itself");
                Engine engine = settings.open();
                if (words[0] == "ended") end_and_go_on(engine, words[1]);
                if (words[0] == "restart") {
                    become_unwritable(argv);
                    restart_and_go_on(engine, words[1]);
                }
                if (words[0] == "health") {
                    become_unwritable(argv);
                    return check_health(engine, words[1]) ? 0 : 1;
                }
                return 0;
            }};
}

}  // namespace slipway
