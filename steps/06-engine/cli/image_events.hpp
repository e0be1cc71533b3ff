// What happened to images, for `slipway events`: step 4's and 5's verbs know
// of no events, so the names are compared before and after.
#pragma once

#include <map>
#include <string>

#include "06-engine/cli/settings.hpp"
#include "06-engine/engine/engine.hpp"
#include "common/program.hpp"

namespace slipway {

class ImageChanges {
  public:
    explicit ImageChanges(const Engine& engine);
    /// Of each name that came, or means another image now, `came`; of each that
    /// went "untag", and of an image that has none any more "delete".
    void record(const std::string& came) const;

  private:
    const Engine& engine_;
    std::map<std::string, std::string> before_;  // name → ID
};

/// The verb, and then the events. It writes those of a success only.
Verb with_image_events(const EngineSettings& settings, Verb verb,
                       const std::string& came);
/// "pull", of the name that was asked for: also when nothing was new.
Verb with_pull_event(const EngineSettings& settings, Verb verb);

}  // namespace slipway
