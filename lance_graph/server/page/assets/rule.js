// Equation 1, as lance_graph/routing.py has it; a test holds that both always agree.
const STRENGTH = { none: 0, minor: 1, mild: 2, severe: 3 };

/** The effort that a degree asks for; what is no degree is "severe": a broken score is no safe one. */
export function effort(degree, thresholds) {
  if (typeof degree !== "number" || !(degree >= 0 && degree <= 1) || degree > thresholds.tau_severe) return "severe";
  if (degree > thresholds.tau_mild) return "mild";
  return degree > thresholds.tau ? "minor" : "none";
}

/** J: the categories above their threshold, [key, effort], strongest first. */
export function hazards(degrees, thresholds, categories) {
  const found = [];
  for (const [key, degree] of Object.entries(degrees)) {
    const own = categories.get(key);
    if (own && own.off) continue;
    const wanted = effort(degree, (own && own.thresholds) || thresholds);
    if (wanted !== "none") found.push([key, wanted]);
  }
  return found.sort((a, b) => STRENGTH[b[1]] - STRENGTH[a[1]] || degrees[b[0]] - degrees[a[0]]);
}

/** Where a finding leads: the strongest effort picks the rewrite. */
export function chooseBranch(finding) {
  if (finding.failed) return "fall_back";
  const { efforts, unanswered = [] } = finding;
  if (!efforts.length && !finding.answered) return "generate_response";
  if (!efforts.length && !(unanswered.length && finding.budget_left)) return finding.waits ? "review" : "deliver";
  if (efforts.length && finding.answered && finding.answer_alone) return "ask_again";
  if (!finding.budget_left) return "fall_back";
  return (efforts.length ? efforts : unanswered).includes("severe") ? "rewrite_severe" : "rewrite_mild";
}
