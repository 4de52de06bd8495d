import type {
  AttentionUpdateArgs,
  CommandArgs,
  CommandName,
  CommandOk,
  ConversationID,
  Enrolment,
  FactorState,
  SessionID,
  SessionInfo,
  WorkState,
} from "../protocol";

type Request = <C extends CommandName>(command: C, args: CommandArgs[C]) => Promise<CommandOk[C]>;

/** What concerns nobody but oneself: one's status, how one is disturbed, where one is signed in, one's password and second factor. */
export class Oneself {
  constructor(
    private readonly request: Request,
    /** Shows what could not be done. */
    private readonly fail: (e: unknown) => void,
  ) {}

  setStatus(state: WorkState, reason = ""): void {
    this.request("status.set", { state, reason }).catch(this.fail);
  }

  /** Changes how one wants to be disturbed, on all of one's devices. What is absent stays. */
  setAttention(part: AttentionUpdateArgs): void {
    this.request("attention.update", part).catch(this.fail);
  }

  /** Says whether new messages of a conversation disturb. */
  mute(conversationId: ConversationID, muted: boolean): void {
    this.request("conversation.mute", { conversationId, muted }).catch(this.fail);
  }

  /**
   * Where one is signed in, the newest first.
   * @throws RequestError, `offline` without a connection to the hub.
   */
  async sessions(): Promise<SessionInfo[]> {
    return (await this.request("session.list", {})).sessions;
  }

  /** Ends one of one's own sessions. @throws RequestError; `unknown` if it has ended already. */
  async endSession(sessionId: SessionID): Promise<void> {
    await this.request("session.end", { sessionId });
  }

  /**
   * Changes one's password; all one's other sessions end.
   * @throws RequestError: `denied` if the old one is wrong, `invalid` if the new one cannot be taken; `offline` leaves
   * open whether it was changed.
   */
  async changePassword(old: string, next: string): Promise<void> {
    await this.request("password.change", { old, new: next });
  }

  /** How it stands with one's second factor. @throws RequestError, `offline` without a connection to the hub. */
  factor(): Promise<FactorState> {
    return this.request("factor.show", {});
  }

  /** Begins to set up a second factor. @throws RequestError, `denied` if the password is wrong. */
  beginFactor(password: string): Promise<Enrolment> {
    return this.request("factor.begin", { password });
  }

  /**
   * Puts the second factor that was begun in force, or makes new recovery codes for the one there is; returns the recovery codes.
   * @throws RequestError, `denied` if the code is wrong.
   */
  async recoveryCodes(command: "factor.confirm" | "factor.renew", code: string): Promise<string[]> {
    return (await this.request(command, { code })).recoveryCodes;
  }

  /** Switches the second factor off. @throws RequestError, `denied` if the code is wrong. */
  async disableFactor(code: string): Promise<void> {
    await this.request("factor.disable", { code });
  }
}
