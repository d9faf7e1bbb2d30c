/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail server on loopback, which keeps what it gets. */
export interface MailServer {
	/** What goes into n8n's SMTP credential. */
	readonly credential: object;
	/** What has arrived, in order. */
	readonly mails: ParsedMail[];
	/** What becomes of a mail: taken, refused, or left without an answer until its sender goes away. */
	receive: (mail: ParsedMail) => 'take' | 'refuse' | 'hang';
	close(): Promise<void>;
}

const USER = 'mailer';
const PASSWORD = 'only-for-tests';

/** Starts it. It lets in whoever has the credential's password. */
export async function startMailServer(): Promise<MailServer> {
	const mails: ParsedMail[] = [];
	const server = new SMTPServer({
		disabledCommands: ['STARTTLS'],
		allowInsecureAuth: true,
		onAuth({ username, password }, _session, callback) {
			const isKnown = username === USER && password === PASSWORD;
			if (isKnown) callback(null, { user: USER });
			else callback(new Error('Wrong user or password'));
		},
		onData(stream, _session, callback) {
			simpleParser(stream).then(
				(mail) => {
					const fate = mailServer.receive(mail);
					if (fate === 'hang') return;
					if (fate === 'refuse') return callback(new Error('Mailbox full'));
					mails.push(mail);
					callback();
				},
				(error: Error) => callback(error),
			);
		},
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.server.address() as AddressInfo;
	const mailServer: MailServer = {
		mails,
		receive: () => 'take',
		credential: {
			user: USER,
			password: PASSWORD,
			host: '127.0.0.1',
			port,
			secure: false,
			disableStartTls: true,
		},
		close: async () => await new Promise((resolve) => server.close(() => resolve())),
	};
	return mailServer;
}
